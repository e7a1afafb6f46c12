/* Writable process-wide: the function pointers, set once by the constructor. */
#include "shim/reference.h"

#include "shim/modules.h"
#include "shim/nodes.h"
#include "shim/writer.h"

#include <dlfcn.h>
#include <errno.h>

#define UNW_LOCAL_ONLY
#include <libunwind.h>

static struct {
	int (*getcontext)(unw_context_t *);
	int (*init_local)(unw_cursor_t *, unw_context_t *);
	int (*step)(unw_cursor_t *);
	int (*get_reg)(unw_cursor_t *, unw_regnum_t, unw_word_t *);
	int (*is_signal_frame)(unw_cursor_t *);
} lib;

struct reference_stack {
	uint32_t n;
	struct {
		uint64_t ip;
		uint8_t exact;
	} frames[STACK_MAX_FRAMES];
};

void mw_reference_init(void)
{
	void *handle = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
	const struct {
		void *to;
		const char *name;
	} symbols[] = {
		{&lib.getcontext, "_Ux86_64_getcontext"},
		{&lib.init_local, "_ULx86_64_init_local"},
		{&lib.get_reg, "_ULx86_64_get_reg"},
		{&lib.is_signal_frame, "_ULx86_64_is_signal_frame"},
		{&lib.step, "_ULx86_64_step"},
	};

	for (size_t i = 0; handle && i < MW_ARRAY_LEN(symbols); i++)
		*(void **)symbols[i].to = dlsym(handle, symbols[i].name);
}

/* The frames from `at` outwards. */
static bool walk(const struct regs *at, struct reference_stack *stack)
{
	unw_context_t context;
	unw_cursor_t cursor;
	bool exact = false, found = false;
	int saved_errno = errno;

	stack->n = 0;
	if (!lib.step || lib.getcontext(&context) < 0)
		return false;
	mw_tls.level += WRITER_MUTED; /* libunwind maps memory for itself */
	lib.init_local(&cursor, &context);
	do {
		unw_word_t ip = 0, sp = 0;

		lib.get_reg(&cursor, UNW_REG_IP, &ip);
		lib.get_reg(&cursor, UNW_REG_SP, &sp);
		found = found || (ip == at->ip && sp == at->sp);
		if (found && ip == 0)
			break;
		if (found) {
			stack->frames[stack->n].ip = ip;
			stack->frames[stack->n].exact = exact;
			stack->n++;
		}
		exact = lib.is_signal_frame(&cursor) > 0;
	} while (stack->n < STACK_MAX_FRAMES && lib.step(&cursor) > 0);
	mw_tls.level -= WRITER_MUTED;
	errno = saved_errno;
	return found;
}

static struct reference_stack *stack_alloc(void)
{
	return sys_alloc(sizeof(struct reference_stack));
}

uint32_t mw_reference_capture(struct writer *w, const struct regs *at)
{
	struct reference_stack *stack = stack_alloc();
	uint64_t path = 0;
	uint32_t node = 0;

	if (!stack)
		return 0;
	if (!walk(at, stack)) {
		stack->n = 1;
		stack->frames[0].ip = at->ip;
		stack->frames[0].exact = 0;
	}
	for (uint32_t i = stack->n; i-- > 0;) {
		struct libc_object object;
		unsigned flags = stack->frames[i].exact ? WIRE_NODE_EXACT : 0;

		if (libc_find_object(stack->frames[i].ip - !flags, &object))
			mw_modules_note(w, &object);
		path = mw_node_path(path, stack->frames[i].ip);
		node = mw_node(w, node, stack->frames[i].ip, path, flags);
	}
	sys_unmap(stack, sizeof(*stack));
	return node;
}

/* The i-th frame from the innermost of the writer's last walk. */
static const struct stack_frame *fast_frame(const struct stack_cache *c, uint32_t i)
{
	if (c->n)
		return i < c->n ? &c->frames[c->n - 1 - i] : NULL;
	return i < c->n_fresh ? &c->fresh[i] : NULL;
}

static bool same(const struct stack_cache *c, const struct reference_stack *stack)
{
	uint32_t i;

	for (i = 0; i < stack->n; i++) {
		const struct stack_frame *f = fast_frame(c, i);

		if (!f || f->ip != stack->frames[i].ip)
			return false;
	}
	return !fast_frame(c, i);
}

/* For the developer: both stacks, when the environment asks. */
static void show(const struct stack_cache *c, const struct reference_stack *stack)
{
	char line[64];

	for (uint32_t i = 0; i < STACK_MAX_FRAMES; i++) {
		const struct stack_frame *f = fast_frame(c, i);
		uint64_t pair[2] = {f ? f->ip : 0, i < stack->n ? stack->frames[i].ip : 0};
		size_t n = 0;

		if (!pair[0] && !pair[1])
			break;
		for (int k = 0; k < 2; k++) {
			for (int shift = 44; shift >= 0; shift -= 4)
				line[n++] = "0123456789abcdef"[pair[k] >> shift & 15];
			line[n++] = k ? '\n' : ' ';
		}
		sys_write(2, line, n);
	}
	sys_write(2, "--\n", 3);
}

void mw_reference_check(struct writer *w, const struct regs *at, bool memo_agrees)
{
	struct reference_stack *stack = stack_alloc();

	if (!stack)
		return;
	if (walk(at, stack)) {
		atomic_fetch_add(&mw_proc->shm->checked_stacks, 1);
		if (!memo_agrees || !same(&w->stacks, stack)) {
			if (atomic_fetch_add(&mw_proc->shm->differing_stacks, 1) < 20 &&
			    mw_proc->flags & SHM_FLAG_SHOW_DIFFERENCES)
				show(&w->stacks, stack);
		}
	}
	sys_unmap(stack, sizeof(*stack));
}
