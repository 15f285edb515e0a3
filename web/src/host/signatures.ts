/** The functions that a module may import, with their types. */

export const ABI_MODULE = 'wasm_broker_v1';
export const WASI_MODULE = 'wasi_snapshot_preview1';
export const ENV_MODULE = 'env';

/** Parameters as letters: i for i32, I for i64; the result after a colon, if there is one. */
const FUNCTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [ABI_MODULE]: {
    read_input: 'ii:i',
    read_input_at: 'iii:i',
    write_output: 'ii:i',
    append_output: 'ii:i',
    log: 'iiiii:i',
    get_time: 'i:I',
    http_request: 'iiii:i',
    read_secret: 'iiii:i',
    read_content: 'ii:i',
    cache_get: 'iiii:i',
    cache_put: 'iiiiI:i',
    cache_delete: 'ii:i',
  },
  [WASI_MODULE]: {
    args_get: 'ii:i',
    args_sizes_get: 'ii:i',
    environ_get: 'ii:i',
    environ_sizes_get: 'ii:i',
    clock_res_get: 'ii:i',
    clock_time_get: 'iIi:i',
    random_get: 'ii:i',
    sched_yield: ':i',
    proc_exit: 'i',
    fd_close: 'i:i',
    fd_fdstat_get: 'ii:i',
    fd_prestat_get: 'ii:i',
    fd_prestat_dir_name: 'iii:i',
    fd_read: 'iiii:i',
    fd_seek: 'iIii:i',
    fd_tell: 'ii:i',
    fd_write: 'iiii:i',
    poll_oneoff: 'iiii:i',
    fd_advise: 'iIIi:i',
    fd_allocate: 'iII:i',
    fd_datasync: 'i:i',
    fd_fdstat_set_flags: 'ii:i',
    fd_fdstat_set_rights: 'iII:i',
    fd_filestat_get: 'ii:i',
    fd_filestat_set_size: 'iI:i',
    fd_filestat_set_times: 'iIIi:i',
    fd_pread: 'iiiIi:i',
    fd_pwrite: 'iiiIi:i',
    fd_readdir: 'iiiIi:i',
    fd_renumber: 'ii:i',
    fd_sync: 'i:i',
    path_create_directory: 'iii:i',
    path_filestat_get: 'iiiii:i',
    path_filestat_set_times: 'iiiiIIi:i',
    path_link: 'iiiiiii:i',
    path_open: 'iiiiiIIii:i',
    path_readlink: 'iiiiii:i',
    path_remove_directory: 'iii:i',
    path_rename: 'iiiiii:i',
    path_symlink: 'iiiii:i',
    path_unlink_file: 'iii:i',
    proc_raise: 'i:i',
    sock_accept: 'iii:i',
    sock_recv: 'iiiiii:i',
    sock_send: 'iiiii:i',
    sock_shutdown: 'ii:i',
  },
  [ENV_MODULE]: { abort: 'iiii' },
};

const TYPES = new Map(
  Object.entries(FUNCTIONS).map(([module, functions]) => [
    module,
    new Map(Object.entries(functions).map(([name, letters]) => [name, type(letters)])),
  ]),
);

/** The functions of a module by name, or undefined for a module that there is not. */
export function signatures(module: string): ReadonlyMap<string, string> | undefined {
  return TYPES.get(module);
}

/** Whether a function returns 64 bits; all others that return something return 32. */
export function returnsI64(name: string): boolean {
  return name === 'get_time';
}

function type(letters: string): string {
  const [parameters = '', result] = letters.split(':');
  const names = [...parameters].map(valueType);
  return `(${names.join(', ')}) -> ${result === undefined ? '()' : valueType(result)}`;
}

function valueType(letter: string): string {
  return letter === 'i' ? 'i32' : 'i64';
}
