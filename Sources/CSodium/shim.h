#include <sodium.h>
#include <stdint.h>
#include <string.h>

// Swift cannot import libsodium's hash state because of its alignment. These functions keep the
// aligned state on the C stack, so that hashing allocates nothing.

/// A BLAKE2b state without alignment, to be held by value in Swift.
typedef struct {
    uint64_t words[sizeof(crypto_generichash_blake2b_state) / 8];
} csodium_hash_state;

static inline void csodium_store64(uint8_t *out, uint64_t value) {
    for (int i = 0; i < 8; i++) out[i] = (uint8_t) (value >> (8 * i));
}

static inline void csodium_hash_begin(
    csodium_hash_state *state, const void *key, size_t key_size, size_t out_size) {
    crypto_generichash_blake2b_state aligned;
    crypto_generichash_blake2b_init(&aligned, (const uint8_t *) key, key_size, out_size);
    memcpy(state, &aligned, sizeof aligned);
    if (key_size > 0) sodium_memzero(&aligned, sizeof aligned);
}

static inline void csodium_hash_add(csodium_hash_state *state, const void *data, size_t size) {
    crypto_generichash_blake2b_state aligned;
    memcpy(&aligned, state, sizeof aligned);
    crypto_generichash_blake2b_update(&aligned, (const uint8_t *) data, size);
    memcpy(state, &aligned, sizeof aligned);
}

static inline void csodium_hash_end(csodium_hash_state *state, void *out, size_t out_size) {
    crypto_generichash_blake2b_state aligned;
    memcpy(&aligned, state, sizeof aligned);
    crypto_generichash_blake2b_final(&aligned, (uint8_t *) out, out_size);
    sodium_memzero(&aligned, sizeof aligned);
    sodium_memzero(state, sizeof aligned);
}

/// H(00 ‖ u64(size) ‖ data)
static inline void csodium_hash_leaf(void *out, const void *data, size_t size) {
    uint8_t head[9] = {0};
    csodium_store64(head + 1, size);
    crypto_generichash_blake2b_state state;
    crypto_generichash_blake2b_init(&state, NULL, 0, 32);
    crypto_generichash_blake2b_update(&state, head, sizeof head);
    crypto_generichash_blake2b_update(&state, (const uint8_t *) data, size);
    crypto_generichash_blake2b_final(&state, (uint8_t *) out, 32);
}

/// H(01 ‖ u64(size) ‖ left ‖ right)
static inline void csodium_hash_parent(
    void *out, uint64_t size, const void *left, const void *right) {
    uint8_t message[73] = {1};
    csodium_store64(message + 1, size);
    memcpy(message + 9, left, 32);
    memcpy(message + 41, right, 32);
    crypto_generichash_blake2b((uint8_t *) out, 32, message, sizeof message, NULL, 0);
}
