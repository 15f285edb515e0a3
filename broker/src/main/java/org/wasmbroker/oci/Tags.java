package org.wasmbroker.oci;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.DocumentReader;
import org.wasmbroker.document.DocumentReader.Syntax;
import org.wasmbroker.document.Problem;
import org.wasmbroker.oci.OciException.Kind;
import org.wasmbroker.url.HttpUrl;
import org.wasmbroker.url.UrlEncoding;

/** The tags of a repository, page by page. */
record Tags(Place place) {
  static final int MAX_TAGS = 50_000;
  private static final int PAGE = 1000;
  private static final int MAX_PAGES = 1000;
  private static final int MAX_PAGE_BYTES = 8 << 20;
  private static final DocumentReader READER =
      new DocumentReader(Syntax.JSON, MAX_PAGE_BYTES, 8).withoutPositions();

  List<String> list() {
    var all = new LinkedHashSet<String>();
    var what = "the list of tags of " + place.repository();
    @Nullable HttpUrl next = place.url("tags/list?n=" + PAGE);
    for (int page = 1; next != null; page++) {
      int before = all.size();
      next = read(what, next, all);
      if (all.size() > MAX_TAGS) {
        throw new OciException(
            Kind.TOO_LARGE, what + " has more than " + MAX_TAGS + " tags, which are allowed");
      }
      if (next != null && (all.size() == before || page == MAX_PAGES)) {
        throw new OciException(
            Kind.PROTOCOL, what + " has no end: its page " + page + " leads to nothing new");
      }
    }
    return List.copyOf(all);
  }

  private @Nullable HttpUrl read(String what, HttpUrl url, Set<String> all) {
    var request = OciRequest.of("GET", url, place.endpoint().limits().exchange());
    try (var answer = place.pull(request)) {
      if (answer.status() != 200) {
        throw RegistryErrors.of(what + " cannot be read", answer);
      }
      int before = all.size();
      parse(what, answer.body(what, MAX_PAGE_BYTES), all);
      var next = Links.next(answer);
      // A page that is full is not the last one, even where nothing says so.
      return next == null && all.size() - before == PAGE ? after(all) : next;
    }
  }

  private HttpUrl after(Set<String> all) {
    var last = List.copyOf(all).getLast();
    return place.url("tags/list?n=" + PAGE + "&last=" + UrlEncoding.encode(last));
  }

  /** What is no tag is left out; a repository without any may have null. */
  private static void parse(String what, byte[] body, Set<String> all) {
    var document = READER.read("", body);
    if (!document.hasProblems() && !document.root().isObject()) {
      document.problem("must be a JSON object");
    }
    var tags = document.object().member("tags");
    if (tags != null && !tags.json().isArray() && !tags.json().isNull()) {
      tags.problem("must be an array");
    }
    if (document.hasProblems()) {
      throw new OciException(
          Kind.PROTOCOL, what + " is not valid: " + Problem.join(document.problems()));
    }
    if (tags != null) {
      for (var tag : tags.elements()) {
        if (tag.isText() && Reference.isTag(tag.json().stringValue())) {
          all.add(tag.json().stringValue());
        }
      }
    }
  }
}
