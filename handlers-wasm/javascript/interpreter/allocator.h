// See allocator.c.
#ifndef ALLOCATOR_H
#define ALLOCATOR_H

#include <stdbool.h>

// Whether memory was refused.
extern bool memory_refused;

#endif
