/* Lets a fuzzer call a harness that reads the file named on its command line.
 *
 * The harness is compiled with its main renamed. Its own sign that the flaw shows (SHOWN, an exit
 * code) is made an abort, which is what a fuzzer looks for. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define PROOF "/tmp/proof"
#define SHOWN 77

int firstlight_main(int argc, char **argv);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *words[] = {"harness", PROOF, NULL};
    int file = open(PROOF, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (file < 0 || write(file, data, size) != (ssize_t)size)
    {
        _exit(2);
    }
    close(file);
    if (firstlight_main(2, words) == SHOWN)
    {
        abort();
    }
    /* The same number again: some harnesses leave their file to the end of the process. */
    close(file);
    return 0;
}
