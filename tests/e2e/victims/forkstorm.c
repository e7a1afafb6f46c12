/* Forks while other threads allocate; each child allocates too. Must end. forkstorm FORKS */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_int stop;

static void *allocate(void *unused)
{
	while (!stop) {
		void *block = malloc(100);

		block = realloc(block, 3000);
		free(block);
	}
	return unused;
}

int main(int argc, char **argv)
{
	int n_forks = argc > 1 ? atoi(argv[1]) : 20;
	pthread_t threads[2];
	int failed = 0;

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, allocate, NULL);
	for (int i = 0; i < n_forks; i++) {
		pid_t pid = fork();
		int status = -1;

		if (pid == 0) {
			for (int j = 0; j < 100; j++)
				free(malloc(50));
			exit(0);
		}
		waitpid(pid, &status, 0);
		failed += status != 0;
	}
	stop = 1;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return failed;
}
