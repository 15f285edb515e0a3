/**
 * Tasker's task templates: what they are, how they are read (as stored in the database, or from an
 * operator's file), and what they demand of a step's result. Pure values, no database; used from
 * the threads of intake and report.
 */
@NullMarked
package org.wasmbroker.protocol.tasker.template;

import org.jspecify.annotations.NullMarked;
