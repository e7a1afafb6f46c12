/* Counts its SIGINTs until a SIGTERM comes. Prints "ready" first and the counts at the end. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static volatile sig_atomic_t n_int, n_term;

static void on_signal(int number)
{
	if (number == SIGINT)
		n_int++;
	else
		n_term++;
}

int main(void)
{
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t blocked, before;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	free(malloc(10));
	printf("ready, stdin %s a terminal\n", isatty(0) ? "is" : "is not");
	fflush(stdout);
	while (n_term == 0)
		sigsuspend(&before);
	printf("int %d term %d\n", (int)n_int, (int)n_term);
	return 7;
}
