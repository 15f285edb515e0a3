/* A handler is plain C elsewhere, so this needs neither broker nor WebAssembly: make check. */
#include "handler.c"

int main(void) {
  const char *result = wb_test_run(run,
      "{\"step\":{},\"config\":{\"tax_percent\":19},\"context\":{\"lines\":[{\"item\":\"tea\",\"price_cents\":250,\"quantity\":2}]}}");
  const char *expected = "{\"status\":\"completed\",\"result\":{\"net_cents\":500,\"tax_cents\":95,\"total_cents\":595}}";
  if (result == NULL || strcmp(result, expected) != 0) {
    fprintf(stderr, "expected %s\n     was %s\n", expected, result == NULL ? "nothing" : result);
    return 1;
  }
  puts("1 test passed");
  return 0;
}
