/**
 * Handlers on their authors' machines: projects made from templates, what a project consists of,
 * its build, and what changed in it. Works on the caller's thread; a build is a process of its own.
 */
@NullMarked
package org.wasmbroker.project;

import org.jspecify.annotations.NullMarked;
