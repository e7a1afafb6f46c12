/* Thirty functions that leak, each a size of its own, so that there is more than the text report shows. */
#include <stdlib.h>

#define SITE(n)                                                                                                        \
	static __attribute__((noinline)) void site_##n(void)                                                           \
	{                                                                                                              \
		void *p = malloc(1000 + n);                                                                            \
		__asm__ volatile("" : : "r"(p) : "memory");                                                            \
	}
#define TEN(X, d) X(d##0) X(d##1) X(d##2) X(d##3) X(d##4) X(d##5) X(d##6) X(d##7) X(d##8) X(d##9)
TEN(SITE, 1)
TEN(SITE, 2)
TEN(SITE, 3)
#define CALL(n) site_##n();

int main(void)
{
	TEN(CALL, 1)
	TEN(CALL, 2)
	TEN(CALL, 3)
	return 0;
}
