/* The reference unwinder: libunwind, loaded for validation only, into no scope but its own (its libgcc-compatible
 * symbols must not reach the program). */
#ifndef SHIM_REFERENCE_H
#define SHIM_REFERENCE_H

#include "shim/arch_x86_64.h"

#include <stdbool.h>
#include <stdint.h>

struct writer;

/* Loads libunwind; call from the constructor if the session asks for it. */
void mw_reference_init(void);

/* The stack by libunwind, as mw_stack_capture() gives it. */
uint32_t mw_reference_capture(struct writer *w, const struct regs *at);

/* Compares the writer's last stack with libunwind's; counts into the slot. `memo_agrees`: what the memo knew of it, if
 * anything, was this stack. */
void mw_reference_check(struct writer *w, const struct regs *at, bool memo_agrees);

#endif
