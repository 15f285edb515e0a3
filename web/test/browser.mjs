// Chromium, and pages in it that report what their policy refused.
import { execFileSync } from 'node:child_process';
import { chromium } from 'playwright-core';

/** Starts the machine's Chromium: that of the variable CHROMIUM, or of the path. */
export async function startBrowser() {
  const executablePath = process.env.CHROMIUM ?? execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim();
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/**
 * Opens a page.
 *
 * @returns the page, and `complaints`: violations of its policy, errors of its scripts and on its console
 */
export async function openPage(browser, url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) {
      complaints.push(`console: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`violation of ${event.violatedDirective}: ${event.blockedURI}`);
    });
  });
  await page.goto(url);
  return { page, complaints, close: () => context.close() };
}
