/* Leaks one block by each of N call stacks of 12 to 24 frames: manystacks N. With a further argument it then says
 * "ready" and its PID, and ends when standard input does. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *volatile sink;

static void step(uint32_t way, int depth);

#define STEP(n)                                                                                                        \
	__attribute__((noinline)) static void step_##n(uint32_t way, int depth)                                        \
	{                                                                                                              \
		step(way / 10, depth);                                                                                 \
		sink = NULL; /* so that this is no tail call */                                                        \
	}

STEP(0)
STEP(1)
STEP(2)
STEP(3)
STEP(4)
STEP(5)
STEP(6)
STEP(7)
STEP(8)
STEP(9)

static void (*const steps[])(uint32_t, int) = {step_0, step_1, step_2, step_3, step_4,
					       step_5, step_6, step_7, step_8, step_9};

/* The digits of `way`, from the last on, choose the functions on the stack. */
static void step(uint32_t way, int depth)
{
	if (depth == 0) {
		sink = malloc(16 + way % 100);
		return;
	}
	steps[way % 10](way, depth - 1);
	sink = NULL;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 100;

	for (int i = 0; i < n; i++)
		step((uint32_t)i, 6 + i % 7);
	if (argc > 2) {
		char byte;

		printf("ready %d\n", (int)getpid());
		fflush(stdout);
		return read(STDIN_FILENO, &byte, 1) != 0;
	}
	printf("%d\n", n);
	return 0;
}
