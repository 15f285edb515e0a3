/**
 * The installed handlers as those who plan workflows read them, people and models: what each is
 * for, what it takes and gives, what it may reach, and as tools in the forms of other programs.
 * Pure functions of manifests and grants; no threads.
 */
@NullMarked
package org.wasmbroker.plan.catalog;

import org.jspecify.annotations.NullMarked;
