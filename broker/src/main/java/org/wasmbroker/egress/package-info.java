/**
 * The HTTP requests of guests: URLs parsed strictly, addresses checked, connections pinned to the
 * checked addresses, secrets filled in, and everything counted against the step's budgets and the
 * operator's rates. Requests run on the step's thread; the thread {@code egress-watchdog} aborts
 * those that time out or whose run was cancelled, and a few threads {@code egress-dns} wait for
 * name servers.
 */
@NullMarked
package org.wasmbroker.egress;

import org.jspecify.annotations.NullMarked;
