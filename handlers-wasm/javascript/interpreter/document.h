// The bytes of a step document, as far as they matter before it is read as JSON.
#ifndef DOCUMENT_H
#define DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

// A part of a text.
struct range {
  size_t start;
  size_t end;
};

// Finds the value of the first member `config` of the object that the text is, as the broker does. False if it has none.
bool find_config(const char *text, size_t length, struct range *value);

#endif
