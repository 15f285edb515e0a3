/** What a page embeds. */
export { Host } from './host.js';
export type { Ended, HostOptions, LoadedModule, Outcome, Progress, Receipt, Run, RunRequest } from './host.js';
export type { DirectoryGrant, DirectoryMode, FilesGrant } from './files.js';
export type { Destination } from './destination.js';
export type { HttpGrant, HttpRequest, HttpResponse } from './egress.js';
export { CLASSES, DEFAULT_LIMITS, type Limits } from './limits.js';
export type { ResultDocument, StepError } from './result.js';
export type { LogLine } from './run.js';
export type { SecretGrant, SecretGrants, SecretUse } from './secrets.js';
export { ModuleRefused } from './wasm.js';
