package org.wasmbroker.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Finds the addresses of a name. May take long; is called on a thread of its own. */
@FunctionalInterface
public interface HostResolver {
  /** As the operating system does it. */
  HostResolver SYSTEM = name -> List.of(InetAddress.getAllByName(name));

  /**
   * @param name in ASCII
   * @return all addresses, one at least
   */
  List<InetAddress> resolve(String name) throws UnknownHostException;
}
