#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"

/// The tree of RFC 9162, section 2.1: SHA-256, leaves prefixed by 00 and inner nodes by 01.
namespace audit {

using base::Digest;

Digest leaf_hash(base::ByteView record);
Digest node_hash(const Digest& left, const Digest& right);
/// The root of a tree without leaves: SHA-256 of nothing.
Digest empty_root();

/// The right edge of a tree: one hash for each 1 in the size, largest subtree first. A value: copy it to be able to go back.
class Frontier {
public:
    Frontier() = default;
    /// malformed: not one hash for each bit of `size`.
    static base::Result<Frontier> from(std::uint64_t size, std::span<const Digest> hashes);

    void append(const Digest& leaf) {
        append(leaf, [](unsigned, const Digest&) {});
    }
    /// Calls on_node(height, hash) for every inner node that this leaf completes, lowest first.
    template <class OnNode>
    void append(const Digest& leaf, OnNode&& on_node) {
        Digest node = leaf;
        unsigned height = 0;
        for (std::uint64_t n = size_; n & 1; n >>= 1) {
            node = node_hash(hashes_[--count_], node);
            on_node(++height, node);
        }
        hashes_[count_++] = node;
        ++size_;
    }
    std::uint64_t size() const noexcept { return size_; }
    Digest root() const;
    std::span<const Digest> hashes() const noexcept { return {hashes_.data(), count_}; }

private:
    std::uint64_t size_ = 0;
    std::size_t count_ = 0;
    std::array<Digest, 64> hashes_;
};

/// Where a proof gets the hashes of complete subtrees from.
class HashSource {
public:
    virtual ~HashSource() = default;
    /// The hash of the complete subtree over leaves [index << height, (index + 1) << height).
    virtual base::Result<Digest> node(unsigned height, std::uint64_t index) = 0;
};

using Proof = std::vector<Digest>;

/// The hash of the tree over the first `size` leaves.
base::Result<Digest> root_at(HashSource& source, std::uint64_t size);
base::Result<Frontier> frontier_at(HashSource& source, std::uint64_t size);
/// RFC 9162 2.1.3.1. invalid_argument unless index < size.
base::Result<Proof> inclusion_proof(HashSource& source, std::uint64_t index, std::uint64_t size);
/// RFC 9162 2.1.4.1. invalid_argument unless old_size <= new_size. Empty where old_size is 0 or new_size.
base::Result<Proof> consistency_proof(HashSource& source, std::uint64_t old_size, std::uint64_t new_size);

/// RFC 9162 2.1.3.2. key_invalid: the proof does not hold.
base::Status verify_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size, std::span<const Digest> proof, const Digest& root);
/// RFC 9162 2.1.4.2, and for old_size 0: holds with an empty proof. key_invalid: the proof does not hold.
base::Status verify_consistency(std::uint64_t old_size, const Digest& old_root, std::uint64_t new_size, const Digest& new_root,
                                std::span<const Digest> proof);

}  // namespace audit
