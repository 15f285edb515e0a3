/** The page: a handler, its step, and what came of it. Whatever a guest or a manifest says is shown as text. */
import { watchBroker } from './broker.js';
import { element, row, textElement } from './elements.js';
import { CLASSES, type DirectoryGrant, type Ended, Host, type LogLine } from '../host/index.js';

/** What is read of a manifest; its author may have written anything. */
interface Manifest {
  readonly description?: unknown;
  readonly capabilities?: unknown;
  readonly examples?: unknown;
}

interface Handler {
  readonly name: string;
  readonly version: string;
  readonly state: string;
  readonly reason: string | null;
  /** Where its module is; absent of one that the policy does not let run. */
  readonly module?: string;
  /** The effective limits, with the broker's names. */
  readonly limits: Readonly<Record<string, number>>;
  readonly manifest: Manifest;
}

interface Catalog {
  readonly version: string;
  readonly policy: string | null;
  /** The address of the running broker whose status there is. */
  readonly broker: string | null;
  readonly problems: readonly string[];
  readonly handlers: readonly Handler[];
}

const MIB = 1 << 20;
const MAX_LOG_LINES = 1_000;
const MAX_SHOWN_CHARS = 200_000;
const FILES = { bytes: 4 * MIB, entries: 1_000 };
const NO_UUID = '00000000-0000-4000-8000-000000000000';

const host = new Host();
const modules = new Map<string, Uint8Array>();
let catalog: Catalog;
let running: AbortController | null = null;

const form = element('step', HTMLFormElement);
const handlers = element('handler', HTMLSelectElement);
const examples = element('example', HTMLSelectElement);
const memory = element('memory', HTMLSelectElement);
const time = element('time', HTMLInputElement);
const fields = {
  config: element('config', HTMLTextAreaElement),
  context: element('context', HTMLTextAreaElement),
  deps: element('deps', HTMLTextAreaElement),
};
const runButton = element('run', HTMLButtonElement);
const cancelButton = element('cancel', HTMLButtonElement);
const status = element('status', HTMLParagraphElement);
const result = element('result', HTMLPreElement);
const log = element('log', HTMLOListElement);
const receipt = element('receipt', HTMLTableSectionElement);

void start();

async function start(): Promise<void> {
  try {
    catalog = (await (await fetched('catalog.json')).json()) as Catalog;
  } catch (failure) {
    status.textContent = `The catalog cannot be read: ${String(failure)}`;
    return;
  }
  showCatalog();
  if (catalog.broker !== null) {
    void watchBroker();
  }
  const runnable = catalog.handlers.filter((one) => one.module !== undefined);
  handlers.replaceChildren(...runnable.map((one) => new Option(`${one.name} ${one.version}`, one.name)));
  handlers.addEventListener('change', showHandler);
  examples.addEventListener('change', showExample);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void run();
  });
  cancelButton.addEventListener('click', () => running?.abort('cancelled by you'));
  if (runnable.length === 0) {
    runButton.disabled = true;
    status.textContent = 'There is no handler that may run.';
    return;
  }
  showHandler();
}

async function fetched(path: string): Promise<Response> {
  const response = await fetch(path);
  if (!response.ok) {
    throw new Error(`${path}: ${response.status}`);
  }
  return response;
}

function showCatalog(): void {
  element('broker', HTMLParagraphElement).textContent =
    `wasm-broker ${catalog.version}; ` + (catalog.policy === null ? 'no policy' : `policy ${catalog.policy}`);
  element('problems', HTMLUListElement).replaceChildren(...catalog.problems.map((problem) => textElement('li', problem)));
  element('catalog', HTMLTableSectionElement).replaceChildren(
    ...catalog.handlers.map((one) =>
      row(
        one.name,
        one.version,
        one.reason === null ? one.state : `${one.state}: ${one.reason}`,
        textOf(one.manifest.description),
      ),
    ),
  );
}

function selected(): Handler {
  return catalog.handlers.find((one) => one.name === handlers.value)!;
}

function showHandler(): void {
  const handler = selected();
  element('description', HTMLParagraphElement).textContent = textOf(handler.manifest.description);
  const names = examplesOf(handler).map((one, at) => new Option(textOf(one['name']) || `example ${at + 1}`, String(at)));
  examples.replaceChildren(...names, new Option('an empty step', ''));
  const granted = Math.min(handler.limits['memory'] ?? CLASSES['text']!, CLASSES['media']!);
  const sizes = new Set([granted, ...Object.values(CLASSES)]);
  memory.replaceChildren(
    ...[...sizes].map((bytes) => {
      const name = Object.keys(CLASSES).find((each) => CLASSES[each] === bytes);
      const notes = [...(name === undefined ? [] : [name]), ...(bytes === granted ? ['as granted'] : [])];
      return new Option(`${bytes / MIB} MiB${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`, String(bytes));
    }),
  );
  time.value = String(handler.limits['time'] ?? 30_000);
  showExample();
}

function examplesOf(handler: Handler): Record<string, unknown>[] {
  const { examples: all } = handler.manifest;
  return Array.isArray(all) ? all.filter(isObject) : [];
}

function showExample(): void {
  const example = examplesOf(selected())[Number(examples.value || -1)] ?? {};
  const given = isObject(example['input']) ? example['input'] : example;
  fields.config.value = json(given['config'] ?? {});
  fields.context.value = json(given['context'] ?? {});
  fields.deps.value = json(given['deps'] ?? {});
}

async function run(): Promise<void> {
  const problems = Object.entries(fields).filter(([name, field]) => !isValid(name, field));
  if (problems.length > 0) {
    problems[0]![1].focus();
    return;
  }
  const handler = selected();
  setRunning(true);
  log.replaceChildren();
  receipt.replaceChildren();
  result.textContent = '';
  status.textContent = `${handler.name} runs …`;
  try {
    running = new AbortController();
    const { signal } = running;
    const { ended } = host.start({
      module: await moduleOf(handler),
      handler: handler.name,
      input: stepDocument(handler),
      limits: { memory: Number(memory.value), time: Number(time.value) },
      ...capabilitiesOf(handler),
      onLog: showLine,
      signal,
    });
    showEnd(await ended);
  } catch (failure) {
    status.textContent = `It could not be run: ${String(failure)}`;
  } finally {
    running = null;
    setRunning(false);
  }
}

function isValid(name: string, field: HTMLTextAreaElement): boolean {
  let problem = '';
  try {
    JSON.parse(field.value);
  } catch (failure) {
    problem = `This is not JSON: ${(failure as Error).message}`;
  }
  element(`${name}-problem`, HTMLParagraphElement).textContent = problem;
  field.setAttribute('aria-invalid', String(problem !== ''));
  return problem === '';
}

async function moduleOf(handler: Handler): Promise<Uint8Array> {
  const path = handler.module!;
  const known = modules.get(path);
  if (known !== undefined) {
    return known;
  }
  const bytes = new Uint8Array(await (await fetched(path)).arrayBuffer());
  modules.set(path, bytes);
  return bytes;
}

/** What was typed stands in it as it was typed, so that no number changes on its way. */
function stepDocument(handler: Handler): string {
  const step = {
    step_uuid: NO_UUID,
    task_uuid: NO_UUID,
    correlation_id: NO_UUID,
    name: 'playground',
    handler: handler.name,
    attempt: 1,
    max_attempts: 1,
    deadline_ms: Number(time.value),
    inputs: {},
  };
  const task = { name: 'playground', namespace: 'default', version: '1.0.0' };
  const { config, context, deps } = fields;
  return (
    `{"step":${JSON.stringify(step)},"task":${JSON.stringify(task)},"config":${config.value},` +
    `"context":${context.value},"deps":${deps.value},"prev":null,"checkpoint":null}`
  );
}

/** What the manifest requests, as far as a page has it. */
function capabilitiesOf(handler: Handler): {
  functions?: string[];
  command?: { environment: string[] };
  files?: { bytes: number; entries: number; directories: DirectoryGrant[] };
} {
  const { capabilities } = handler.manifest;
  if (!isObject(capabilities)) {
    return {};
  }
  const { host_functions: functions, command, files } = capabilities;
  const directories = isObject(files) ? Object.entries(files).flatMap(([path, wanted]) => directoryOf(path, wanted)) : [];
  return {
    ...(Array.isArray(functions) ? { functions: functions.map(String) } : {}),
    ...(isObject(command) ? { command: { environment: textsOf(command['environment']) } } : {}),
    ...(directories.length > 0 ? { files: { ...FILES, directories } } : {}),
  };
}

function directoryOf(path: string, wanted: unknown): DirectoryGrant[] {
  const mode = isObject(wanted) ? wanted['mode'] : wanted;
  const from = isObject(wanted) ? (wanted['from'] ?? 'empty') : 'empty';
  if (mode !== 'read' && mode !== 'write' && mode !== 'read-write') {
    return [];
  }
  return from === 'empty' || from === 'input' ? [{ path, mode, from }] : [];
}

function showLine(line: LogLine): void {
  if (log.childElementCount < MAX_LOG_LINES) {
    log.append(textElement('li', `${line.level}: ${line.message}${line.fields === null ? '' : ` ${line.fields}`}`));
  }
}

function showEnd({ outcome, output, receipt: used }: Ended): void {
  const millis = Math.round((used.instantiation_ns + used.execution_ns) / 1e6);
  switch (outcome.status) {
    case 'completed':
      status.textContent = `Completed in ${millis} ms.`;
      break;
    case 'failed':
      status.textContent = `Failed after ${millis} ms: ${outcome.error.type}: ${outcome.error.message}`;
      break;
    case 'checkpoint':
      status.textContent = `Ended with a checkpoint after ${millis} ms.`;
      break;
    case 'cancelled':
      status.textContent = `Cancelled: ${outcome.reason}.`;
      break;
  }
  const text = output === null ? json(outcome) : new TextDecoder().decode(output);
  result.textContent =
    text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}… (${text.length} characters in all)` : text;
  const calls = Object.entries(used.host_calls).map(
    ([name, { allowed, denied, failed }]) =>
      `${name}: ${allowed}${denied > 0 ? `, denied ${denied}` : ''}${failed > 0 ? `, failed ${failed}` : ''}`,
  );
  const entries: [string, string][] = [
    ['module', used.digest],
    ['instantiation', `${used.instantiation_ns / 1e6} ms`],
    ['execution', `${used.execution_ns / 1e6} ms`],
    ['memory', `${used.memory_high_water_bytes} of ${memory.value} bytes`],
    ['host calls', used.complete ? calls.join('; ') || 'none' : 'not known: the run was ended from outside'],
    ['bytes in, out', `${used.bytes_in}, ${used.bytes_out}`],
    ['log lines dropped', String(used.log_lines_dropped)],
    ...(used.files === undefined || used.files === null
      ? []
      : [['files', JSON.stringify(used.files)] as [string, string]]),
  ];
  receipt.replaceChildren(...entries.map(([name, value]) => row(name, value)));
}

function setRunning(now: boolean): void {
  runButton.disabled = now;
  cancelButton.disabled = !now;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
