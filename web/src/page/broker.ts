/** The status of a running broker, which the page's own server asks: the page itself reaches no other. */
import { element, row } from './elements.js';

interface Status {
  readonly url: string;
  /** Why there is nothing else. */
  readonly problem?: string;
  readonly version: string;
  readonly state: string;
  readonly reasons: readonly string[];
  readonly in_flight: number | null;
  readonly slots: number | null;
  readonly waiting: number | null;
  readonly completed: number | null;
  readonly failed: number | null;
  readonly retried: number | null;
  readonly queues: readonly { readonly queue: string; readonly depth: number | null }[];
  readonly modules: readonly { readonly handler: string; readonly version: string; readonly digest: string }[];
}

const INTERVAL = 2_000;

/** Shows it, and asks again for as long as the page is looked at. */
export async function watchBroker(): Promise<void> {
  element('running', HTMLElement).hidden = false;
  for (;;) {
    if (document.visibilityState === 'visible') {
      show(await status());
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
  }
}

async function status(): Promise<Status | string> {
  try {
    const response = await fetch('broker.json');
    return response.ok ? ((await response.json()) as Status) : `The playground's server answers ${response.status}.`;
  } catch {
    return 'The playground’s server cannot be reached: is wasm-broker serve-ui still running?';
  }
}

function show(found: Status | string): void {
  if (typeof found === 'string' || found.problem !== undefined) {
    say(typeof found === 'string' ? found : `No status: ${found.problem}`);
    element('running-figures', HTMLTableSectionElement).replaceChildren();
    element('loaded', HTMLTableSectionElement).replaceChildren();
    return;
  }
  const reasons = found.reasons.length === 0 ? '' : `: ${found.reasons.join('; ')}`;
  say(`wasm-broker ${found.version} on ${found.url} is ${found.state}${reasons}.`);
  element('running-figures', HTMLTableSectionElement).replaceChildren(
    row('steps in flight', `${figure(found.in_flight)} of ${figure(found.slots)}`),
    row('claimed steps that wait', figure(found.waiting)),
    row('steps completed', figure(found.completed)),
    row('steps failed', figure(found.failed)),
    row('runs to be retried', figure(found.retried)),
    ...found.queues.map((one) => row(`messages in queue ${one.queue}`, figure(one.depth))),
  );
  element('loaded', HTMLTableSectionElement).replaceChildren(
    ...found.modules.map((one) => row(one.handler, one.version, one.digest)),
  );
}

/** Only when it changes, so that nobody is told again what is known. */
function say(text: string): void {
  const state = element('running-state', HTMLParagraphElement);
  if (state.textContent !== text) {
    state.textContent = text;
  }
}

function figure(value: number | null): string {
  return value === null ? 'not known' : String(value);
}
