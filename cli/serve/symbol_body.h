/* The body of a POST to /pprof/symbol: "0xADDR+0xADDR…", addresses of code in hex. */
#ifndef CLI_SERVE_SYMBOL_BODY_H
#define CLI_SERVE_SYMBOL_BODY_H

#include <stdbool.h>
#include <stdint.h>

/* The next address at *at, which is moved behind it; what is none is passed over. False at the end. */
bool symbol_body_next(const char **at, uint64_t *addr);

#endif
