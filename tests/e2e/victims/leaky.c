/* A small program that leaks in two places, keeps a cache, and frees the rest. `make demo` watches it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct user {
	char *name;
	struct user *next;
};

static struct user *cache; /* never freed, but still reachable */

static char *copy_text(const char *text)
{
	char *copy = malloc(strlen(text) + 1);

	if (copy)
		strcpy(copy, text);
	return copy;
}

static struct user *load_user(int number)
{
	struct user *user = calloc(1, sizeof(*user));
	char name[32];

	if (!user)
		return NULL;
	snprintf(name, sizeof(name), "user number %d", number);
	user->name = copy_text(name);
	return user;
}

/* Forgets the name when it drops the user. */
static void drop_user(struct user *user)
{
	free(user);
}

static void remember_user(struct user *user)
{
	user->next = cache;
	cache = user;
}

static int answer_request(int number)
{
	char *reply = malloc(4096);
	struct user *user = load_user(number);

	if (!reply || !user)
		return -1;
	snprintf(reply, 4096, "hello, %s", user->name);
	if (number % 10 == 0)
		remember_user(user);
	else
		drop_user(user);
	if (number % 100 == 7)
		return -1; /* the early return that forgets the reply */
	free(reply);
	return 0;
}

int main(void)
{
	int failed = 0;

	for (int number = 1; number <= 1000; number++)
		failed += answer_request(number) != 0;
	printf("1000 requests, %d failed\n", failed);
	return 0;
}
