/**
 * Which version of a handler a step gets, as the operator's rollout file says: channels, a stable
 * version and a candidate for a share of the steps, and the end of a candidate that fails more
 * often. The file is read again and rollbacks are decided on the threads {@code rollout-file} and
 * {@code rollout}; choosing a version happens on any thread and waits for nothing.
 */
@NullMarked
package org.wasmbroker.rollout;

import org.jspecify.annotations.NullMarked;
