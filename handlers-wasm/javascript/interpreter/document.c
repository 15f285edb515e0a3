#include "document.h"

#include <string.h>

struct scan {
  const char *text;
  size_t length;
  size_t at;
};

static void skip_whitespace(struct scan *scan) {
  while (scan->at < scan->length && strchr(" \t\r\n", scan->text[scan->at]) != NULL && scan->text[scan->at] != 0) {
    scan->at++;
  }
}

static bool take(struct scan *scan, char wanted) {
  skip_whitespace(scan);
  if (scan->at >= scan->length || scan->text[scan->at] != wanted) {
    return false;
  }
  scan->at++;
  return true;
}

// From the first quote to after the last one.
static bool skip_string(struct scan *scan) {
  for (scan->at++; scan->at < scan->length; scan->at++) {
    char c = scan->text[scan->at];
    if (c == '"') {
      scan->at++;
      return true;
    }
    if (c == '\\') {
      scan->at++;
    }
  }
  return false;
}

static bool skip_value(struct scan *scan) {
  size_t depth = 0;
  while (scan->at < scan->length) {
    switch (scan->text[scan->at]) {
    case '"':
      if (!skip_string(scan)) {
        return false;
      }
      if (depth == 0) {
        return true;
      }
      break;
    case '{':
    case '[':
      depth++;
      scan->at++;
      break;
    case '}':
    case ']':
      if (depth == 0) {
        return true;
      }
      scan->at++;
      if (--depth == 0) {
        return true;
      }
      break;
    case ',':
    case ' ':
    case '\n':
    case '\r':
    case '\t':
      if (depth == 0) {
        return true;
      }
      scan->at++;
      break;
    default:
      scan->at++;
    }
  }
  return false;
}

bool find_config(const char *text, size_t length, struct range *value) {
  struct scan scan = {text, length, 0};
  if (!take(&scan, '{')) {
    return false;
  }
  do {
    skip_whitespace(&scan);
    size_t name = scan.at + 1;
    if (scan.at >= length || text[scan.at] != '"' || !skip_string(&scan)) {
      return false;
    }
    bool found = scan.at - 1 - name == 6 && memcmp(text + name, "config", 6) == 0;
    if (!take(&scan, ':')) {
      return false;
    }
    skip_whitespace(&scan);
    value->start = scan.at;
    if (!skip_value(&scan) || scan.at == value->start) {
      return false;
    }
    value->end = scan.at;
    if (found) {
      return true;
    }
  } while (take(&scan, ','));
  return false;
}
