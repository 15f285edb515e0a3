// The C library's allocator, for a program that lives for one run: blocks in classes of sizes, each with a list of free ones;
// nothing is given back, split or joined. It takes the place of malloc and its kin everywhere.

#include "allocator.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef TRANSLATOR
#include "quickjs_unit.h"
#endif

#define PAGE 65536u
// Each growth of the memory costs more than what is in it.
#define GROWTH (2 * PAGE)
#define LARGEST (1u << 30)
// Up to SMALL bytes in steps of eight, then four classes for each doubling.
#define SMALL 512u
#define SMALL_CLASSES (SMALL / 8 + 1)
#define CLASSES (SMALL_CLASSES + 4 * 22)
#define HEADER 4u

// Blocks begin four bytes before a multiple of eight: with their class, and then what is used or the next free block.
struct block {
  uint32_t class;
  union {
    struct block *next;
    char bytes[1];
  };
};

extern char __heap_base;

bool memory_refused;

static struct block *free_blocks[CLASSES];
static uintptr_t unused; // from here to end nothing was ever used, and everything is zero
static uintptr_t end;

// A class, and the size of its blocks with their headers.
struct size {
  uint32_t class;
  uint32_t bytes;
};

static inline struct size size_of(uint32_t needed) {
  uint32_t bytes = needed + HEADER;
  if (bytes <= SMALL) {
    uint32_t class = (bytes + 7) / 8;
    return (struct size){class, class * 8};
  }
  uint32_t doubling = 31 - __builtin_clz(bytes - 1); // of 2^doubling < bytes <= 2^(doubling + 1)
  uint32_t step = 1u << (doubling - 2);
  uint32_t quarter = (bytes - (1u << doubling) + step - 1) / step; // 1 to 4
  return (struct size){SMALL_CLASSES + 4 * (doubling - 9) + quarter - 1, (1u << doubling) + quarter * step};
}

static inline uint32_t bytes_of(uint32_t class) {
  if (class < SMALL_CLASSES) {
    return class * 8;
  }
  uint32_t doubling = 9 + (class - SMALL_CLASSES) / 4;
  return (1u << doubling) + ((class - SMALL_CLASSES) % 4 + 1) * (1u << (doubling - 2));
}

static inline struct block *block_of(void *pointer) { return (struct block *)((char *)pointer - HEADER); }

// Makes room for so many bytes at `unused`.
static bool grow(uint32_t bytes) {
  if (end == 0) {
    unused = ((uintptr_t)&__heap_base + 7) / 8 * 8 + HEADER;
    end = (uintptr_t)__builtin_wasm_memory_size(0) * PAGE;
  }
  if (end - unused >= bytes && end > unused) {
    return true;
  }
  uint32_t missing = bytes - (uint32_t)(end > unused ? end - unused : 0);
  uint32_t pages = ((missing < GROWTH ? GROWTH : missing) + PAGE - 1) / PAGE;
  if (__builtin_wasm_memory_grow(0, pages) == SIZE_MAX) {
    pages = (missing + PAGE - 1) / PAGE; // at the limit, what is needed and not more
    if (__builtin_wasm_memory_grow(0, pages) == SIZE_MAX) {
      memory_refused = true;
      return false;
    }
  }
  end += (uintptr_t)pages * PAGE;
  return true;
}

static void *take(size_t needed, bool zeroed) {
  if (needed > LARGEST) {
    memory_refused = true;
    (void)__builtin_wasm_memory_grow(0, needed / PAGE); // is refused, which tells the broker of the limit
    return NULL;
  }
  struct size size = size_of(needed < sizeof(void *) ? sizeof(void *) : needed);
  struct block *block = free_blocks[size.class];
  if (block != NULL) {
    free_blocks[size.class] = block->next;
    if (zeroed) {
      memset(block->bytes, 0, needed);
    }
    return block->bytes;
  }
  if ((end == 0 || end - unused < size.bytes) && !grow(size.bytes)) {
    return NULL;
  }
  block = (struct block *)unused;
  unused += size.bytes;
  block->class = size.class;
  return block->bytes;
}

void *malloc(size_t size) { return take(size, false); }

void *calloc(size_t count, size_t size) {
  size_t bytes;
  return __builtin_mul_overflow(count, size, &bytes) ? NULL : take(bytes, true);
}

void free(void *pointer) {
  if (pointer != NULL) {
    struct block *block = block_of(pointer);
#ifdef TRANSLATOR
    if (phase == BUILDING) { // zeros are not a part of the snapshot
      memset(pointer, 0, bytes_of(block->class) - HEADER);
    }
#endif
    block->next = free_blocks[block->class];
    free_blocks[block->class] = block;
  }
}

size_t malloc_usable_size(void *pointer) { return pointer == NULL ? 0 : bytes_of(block_of(pointer)->class) - HEADER; }

void *realloc(void *pointer, size_t size) {
  if (pointer == NULL) {
    return malloc(size);
  }
  size_t usable = malloc_usable_size(pointer);
  if (size <= usable) {
    return pointer;
  }
  void *larger = malloc(size);
  if (larger != NULL) {
    memcpy(larger, pointer, usable);
    free(pointer);
  }
  return larger;
}
