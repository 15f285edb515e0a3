/**
 * What the brokers of a fleet know together about their rollouts, in Postgres. No thread of its
 * own: the rollout's asks every second while there is a candidate.
 */
@NullMarked
package org.wasmbroker.rollout.state;

import org.jspecify.annotations.NullMarked;
