// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * peak-rss COMMAND [ARGUMENT]...
 *
 * Runs COMMAND and prints the peak of its resident memory, KiB, on standard
 * output when it has ended; exits with its status. For `make bench` and
 * tests/test-rss.sh: time(1) is not everywhere, and what a shell reads from
 * /proc/PID/status is late by as much as the shell.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;
	pid_t pid;

	if (argc < 2) {
		fputs("usage: peak-rss COMMAND [ARGUMENT]...\n", stderr);
		return 2;
	}
	pid = fork();
	if (!pid) {
		(void)execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) {
		perror("peak-rss");
		return 2;
	}
	printf("%ld\n", usage.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
