package org.wasmbroker.files;

import org.wasmbroker.sandbox.files.FilePath;
import org.wasmbroker.step.Document;

/**
 * A file that is there when a guest begins.
 *
 * @param mount the name of the directory that it is in, such as {@code /step}
 * @param path in that directory
 */
record GivenFile(String mount, FilePath path, Document content) {}
