package org.wasmbroker.secret;

import java.util.ArrayList;
import java.util.List;
import org.wasmbroker.secret.SecretAudit.Answer;
import org.wasmbroker.secret.SecretAudit.Use;

/** What a step may do with secrets, and the answers: everything that a metric can say. */
public final class SecretUses {
  private SecretUses() {}

  /**
   * @param use such as {@code read}
   * @param answer such as {@code denied}
   */
  public record SecretUse(String use, String answer) {}

  public static List<SecretUse> all() {
    var all = new ArrayList<SecretUse>();
    for (var use : List.of(Use.READ, Use.FILL)) {
      for (var answer :
          List.of(Answer.ALLOWED, Answer.DENIED, Answer.NOT_FOUND, Answer.UNAVAILABLE)) {
        all.add(new SecretUse(use.text(), answer.text()));
      }
    }
    all.add(new SecretUse(Use.LEAK.text(), Answer.REFUSED.text()));
    return List.copyOf(all);
  }
}
