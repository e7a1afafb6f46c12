/* The processor's own way to do pick.h's work. */
#ifndef CLI_SCAN_PICK_X86_64_H
#define CLI_SCAN_PICK_X86_64_H

#include "cli/scan/pick.h"

#include <stdbool.h>

bool pick_has_avx2(void); /* false on others */
pick_words pick_avx2;

#endif
