/*
 * The life of a watched process image, from the slot it takes to the report of its end: what is read when, what is
 * waited for, and what its observer is told. Called from capture.c only, between its enter() and leave().
 */
#ifndef CLI_INGEST_LIFE_H
#define CLI_INGEST_LIFE_H

#include "cli/ingest/watched.h"

/* A slot has been taken by process `pid`: from now on its records can be read. life_take() is to follow. */
void life_meet(struct watched *w, int pid);
bool life_is_met(const struct watched *w); /* and not taken */

/* Ends the image that was there before, if there was one, and does all that its records ask for from now on. */
void life_take(struct watched *w);

/* Brings its model up to date, and no more: what its records ask for is left. */
void life_round(struct watched *w);

/* The regular look at a live process; returns whether it waits for the next one. */
bool life_look(struct watched *w);

/* The process has ended. No-op unless it is live. */
void life_die(struct watched *w);

/* Tells the end of a dead process if all is known about it, or if nothing more can be expected. */
void life_try_conclude(struct watched *w);

/* Ends it now, as running or with what is known. */
void life_stop(struct watched *w);

/* Frees all of it, and the slot's files. */
void life_free(struct watched *w);

/* More descriptors for us, if there are; the program was started with the limit as it was. */
bool life_raise_descriptor_limit(void);

#endif
