package org.wasmbroker.oci;

/** What a registry accepts as a proof of who asks. Never printed. */
sealed interface Credentials {
  /** Sent as they are, or to the registry's token server. */
  record UserPassword(String user, String password) implements Credentials {
    @Override
    public String toString() {
      return "UserPassword[***]";
    }
  }

  /** An identity token: the token server gives an access token for it (OAuth 2). */
  record IdentityToken(String token) implements Credentials {
    @Override
    public String toString() {
      return "IdentityToken[***]";
    }
  }

  /** An access token, sent as it is. */
  record AccessToken(String token) implements Credentials {
    @Override
    public String toString() {
      return "AccessToken[***]";
    }
  }
}
