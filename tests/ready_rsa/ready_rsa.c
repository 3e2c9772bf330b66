// Preloaded while tests run: SoftHSM2 makes RSA keys of 3072 and 2048 bits from two of the ready primes beside, so that a test waits for what it tests. Looking for primes took more than
// half of the tests' time. Keys made so are known to the world: nothing but tests may load this. Other sizes are made as ever; so are all keys of EC.
#define _GNU_SOURCE
#define OPENSSL_SUPPRESS_DEPRECATED
#include <dlfcn.h>
#include <openssl/bn.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <stddef.h>

enum { kPrimes = 160 };
static const char* const primes_1536[kPrimes] = {
#include "primes_1536.txt"
};
static const char* const primes_1024[kPrimes] = {
#include "primes_1024.txt"
};

static int fill(RSA* rsa, BIGNUM* e, const char* const* primes) {
    unsigned char drawn[4];
    if (RAND_bytes(drawn, sizeof drawn) != 1) return 0;
    const size_t first = (size_t)(drawn[0] | drawn[1] << 8) % kPrimes;
    const size_t second = (first + 1 + (size_t)(drawn[2] | drawn[3] << 8) % (kPrimes - 1)) % kPrimes;
    BN_CTX* ctx = BN_CTX_new();
    BIGNUM *p = NULL, *q = NULL, *n = BN_new(), *d = BN_new(), *dp = BN_new(), *dq = BN_new(), *inverse = BN_new(), *p1 = BN_new(), *q1 = BN_new(), *phi = BN_new();
    int ok = ctx != NULL && BN_hex2bn(&p, primes[first]) > 0 && BN_hex2bn(&q, primes[second]) > 0;
    if (ok && BN_cmp(p, q) < 0) BN_swap(p, q);
    ok = ok && BN_mul(n, p, q, ctx) && BN_sub(p1, p, BN_value_one()) && BN_sub(q1, q, BN_value_one()) && BN_mul(phi, p1, q1, ctx) && BN_mod_inverse(d, e, phi, ctx) != NULL &&
         BN_mod(dp, d, p1, ctx) && BN_mod(dq, d, q1, ctx) && BN_mod_inverse(inverse, q, p, ctx) != NULL;
    // Each of the three takes over what it is given.
    BIGNUM* exponent = ok ? BN_dup(e) : NULL;
    ok = ok && exponent != NULL && RSA_set0_key(rsa, n, exponent, d) && RSA_set0_factors(rsa, p, q) && RSA_set0_crt_params(rsa, dp, dq, inverse);
    BN_free(p1);
    BN_free(q1);
    BN_free(phi);
    BN_CTX_free(ctx);
    return ok;
}

int RSA_generate_key_ex(RSA* rsa, int bits, BIGNUM* e, BN_GENCB* told) {
    if (bits == 3072) return fill(rsa, e, primes_1536);
    if (bits == 2048) return fill(rsa, e, primes_1024);
    // As POSIX says that dlsym is to be used: ISO C knows no way from a pointer to a function.
    int (*made)(RSA*, int, BIGNUM*, BN_GENCB*) = NULL;
    *(void**)&made = dlsym(RTLD_NEXT, "RSA_generate_key_ex");
    return made == NULL ? 0 : made(rsa, bits, e, told);
}
