package org.wasmbroker.sandbox.files;

/**
 * A directory that a guest finds.
 *
 * @param path its name for the guest, such as {@code /step}
 * @param mode what the guest may do in it
 */
public record Mount(String path, DirectoryMode mode, FileTree tree) {}
