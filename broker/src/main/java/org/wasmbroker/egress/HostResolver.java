package org.wasmbroker.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Resolves a name. May block for long; is called on a separate thread. */
@FunctionalInterface
public interface HostResolver {
  /** The operating system's resolver. */
  HostResolver SYSTEM = name -> List.of(InetAddress.getAllByName(name));

  /**
   * @param name in ASCII
   * @return all addresses, at least one
   */
  List<InetAddress> resolve(String name) throws UnknownHostException;
}
