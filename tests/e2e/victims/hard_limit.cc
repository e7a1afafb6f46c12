// Takes memory until there is none, by each function; says what it saw.
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

static void *blocks[100000];
static int n_blocks;
static char *volatile made;
static char *shared[4][20000];

static void say(const char *what, bool seen)
{
	printf("%s: %s\n", what, seen ? "yes" : "no");
	fflush(stdout);
}

static void fill(void)
{
	while (n_blocks < 100000 && (blocks[n_blocks] = malloc(1000)))
		n_blocks++;
}

static void release(void)
{
	while (n_blocks > 0)
		free(blocks[--n_blocks]);
}

static int handled;

static void handler(void)
{
	handled++;
	std::set_new_handler(nullptr);
}

static void fail_in_each_way(void)
{
	void *p = nullptr;

	errno = 0;
	say("malloc fails", !malloc(5000) && errno == ENOMEM);
	errno = 0;
	say("calloc fails", !calloc(50, 100) && errno == ENOMEM);
	errno = 0;
	say("realloc fails", !realloc(blocks[0], 50000) && errno == ENOMEM);
	errno = 0;
	say("reallocarray fails", !reallocarray(blocks[0], 500, 100) && errno == ENOMEM);
	say("posix_memalign fails", posix_memalign(&p, 64, 5000) == ENOMEM);
	say("aligned_alloc fails", !aligned_alloc(64, 6400));
	std::set_new_handler(handler);
	try {
		made = new char[5000];
	} catch (const std::bad_alloc &) {
		say("new throws", handled == 1);
	}
	say("new nothrow is null", !(made = new (std::nothrow) char[5000]));
}

static std::atomic<bool> all_there;

/* Not before all threads have been made, which takes memory as well. */
static void take(char **to)
{
	while (!all_there)
		std::this_thread::yield();
	for (int i = 0; i < 20000 && (to[i] = static_cast<char *>(malloc(104))); i++)
		;
}

static int take_by_threads(void)
{
	std::thread threads[4];
	int n = 0;

	for (int i = 0; i < 4; i++)
		threads[i] = std::thread(take, shared[i]);
	all_there = true;
	for (auto &thread : threads)
		thread.join();
	for (auto &part : shared)
		for (char *block : part)
			n += block != nullptr;
	return n;
}

static void release_shared(void)
{
	for (auto &part : shared)
		for (char *block : part)
			free(block);
}

int main(void)
{
	setvbuf(stdout, nullptr, _IONBF, 0);
	fill();
	say("about a mebibyte", n_blocks > 850 && n_blocks < 1048);
	fail_in_each_way();
	free(blocks[--n_blocks]);
	say("what was freed can be had", (blocks[n_blocks] = malloc(1000)) != nullptr);
	n_blocks++;
	release();
	say("all of it", (made = static_cast<char *>(malloc(900000))) != nullptr);
	free(made);
	int n = take_by_threads();
	say("threads together", n > 8000 && n < 10083);
	if (fork() == 0) {
		say("a child goes on from there", !malloc(50000));
		release_shared();
		say("and frees", malloc(500000) != nullptr);
		_exit(0);
	}
	wait(nullptr);
	release_shared();
	return 0;
}
