/* A module that is loaded while the program runs, with places for a pointer: in its data, and in dynamic TLS. */
static void *volatile in_data = (void *)&in_data;
static void *volatile in_bss;
static __thread void *volatile in_tls;

void *volatile *module_data(void)
{
	return &in_data;
}

void *volatile *module_bss(void)
{
	return &in_bss;
}

void *volatile *module_tls(void)
{
	return &in_tls;
}
