/**
 * What an operator asks of queues beyond their messages: how full they and their archives are, and
 * that archives become smaller. Called from commands, never by a running broker.
 */
@NullMarked
package org.wasmbroker.pgmq.upkeep;

import org.jspecify.annotations.NullMarked;
