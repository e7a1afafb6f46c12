/* Two threads that free each other's blocks. exchange OPERATIONS (of each) */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#define N_PLACES 1024

static _Atomic(void *) places[N_PLACES];
static long n_operations;

static void *work(void *argument)
{
	uint64_t random = (uintptr_t)argument;

	for (long i = 0; i < n_operations; i++) {
		random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		free(atomic_exchange(&places[(random >> 33) % N_PLACES], malloc(16 + (random >> 45) % 200)));
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	n_operations = argc > 1 ? atol(argv[1]) : 1000000;
	if (pthread_create(&thread, NULL, work, (void *)1) != 0)
		return 1;
	work((void *)2);
	pthread_join(thread, NULL);
	return 0;
}
