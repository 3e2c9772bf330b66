#include "audit/merkle.h"

#include <bit>
#include <string>

namespace audit {
namespace {

using base::Code;

constexpr std::uint8_t kLeaf[] = {0};
constexpr std::uint8_t kNode[] = {1};

/// The largest power of two below n; n >= 2. Its exponent.
unsigned split_height(std::uint64_t n) noexcept { return static_cast<unsigned>(std::bit_width(n - 1)) - 1; }

/// MTH of the leaves [begin, end), begin aligned as RFC 9162 2.1.1 splits; end > begin.
base::Result<Digest> range_hash(HashSource& source, std::uint64_t begin, std::uint64_t end) {
    const std::uint64_t size = end - begin;
    if (std::has_single_bit(size)) {
        const auto height = static_cast<unsigned>(std::countr_zero(size));
        return source.node(height, begin >> height);
    }
    // Complete subtrees from the left, folded from the right: no recursion.
    std::vector<Digest> parts;
    for (std::uint64_t at = begin; at < end;) {
        const auto height = static_cast<unsigned>(std::bit_width(end - at)) - 1;
        KMP_TRY(const Digest part, source.node(height, at >> height));
        parts.push_back(part);
        at += std::uint64_t{1} << height;
    }
    Digest out = parts.back();
    for (std::size_t i = parts.size() - 1; i-- > 0;) out = node_hash(parts[i], out);
    return out;
}

base::Error does_not_hold(std::string_view what) { return {Code::key_invalid, "the " + std::string(what) + " proof does not hold"}; }

}  // namespace

Digest leaf_hash(base::ByteView record) { return base::sha256({kLeaf, record}); }
Digest node_hash(const Digest& left, const Digest& right) { return base::sha256({kNode, left, right}); }
Digest empty_root() { return base::sha256(base::ByteView{}); }

base::Result<Frontier> Frontier::from(std::uint64_t size, std::span<const Digest> hashes) {
    if (hashes.size() != static_cast<std::size_t>(std::popcount(size)))
        return {Code::malformed, "the edge of a tree of " + std::to_string(size) + " leaves has " + std::to_string(std::popcount(size)) + " hashes"};
    Frontier out;
    out.size_ = size;
    for (const Digest& h : hashes) out.hashes_[out.count_++] = h;
    return out;
}

Digest Frontier::root() const {
    if (count_ == 0) return empty_root();
    Digest out = hashes_[count_ - 1];
    for (std::size_t i = count_ - 1; i-- > 0;) out = node_hash(hashes_[i], out);
    return out;
}

base::Result<Digest> root_at(HashSource& source, std::uint64_t size) {
    KMP_TRY(const Frontier frontier, frontier_at(source, size));
    return frontier.root();
}

base::Result<Frontier> frontier_at(HashSource& source, std::uint64_t size) {
    std::vector<Digest> hashes;
    for (std::uint64_t at = 0; at < size;) {
        const auto height = static_cast<unsigned>(std::bit_width(size - at)) - 1;
        KMP_TRY(const Digest hash, source.node(height, at >> height));
        hashes.push_back(hash);
        at += std::uint64_t{1} << height;
    }
    return Frontier::from(size, hashes);
}

base::Result<Proof> inclusion_proof(HashSource& source, std::uint64_t index, std::uint64_t size) {
    if (index >= size) return {Code::invalid_argument, "record " + std::to_string(index) + " is not in a tree of " + std::to_string(size)};
    Proof path;  // from the root down, turned round at the end
    std::uint64_t begin = 0;
    std::uint64_t end = size;
    while (end - begin > 1) {
        const std::uint64_t middle = begin + (std::uint64_t{1} << split_height(end - begin));
        if (index < middle) {
            KMP_TRY(const Digest right, range_hash(source, middle, end));
            path.push_back(right);
            end = middle;
        } else {
            KMP_TRY(const Digest left, range_hash(source, begin, middle));
            path.push_back(left);
            begin = middle;
        }
    }
    return Proof(path.rbegin(), path.rend());
}

base::Result<Proof> consistency_proof(HashSource& source, std::uint64_t old_size, std::uint64_t new_size) {
    if (old_size > new_size) return {Code::invalid_argument, "a tree of " + std::to_string(new_size) + " cannot extend one of " + std::to_string(old_size)};
    if (old_size == 0 || old_size == new_size) return Proof{};
    Proof path;
    std::uint64_t begin = 0;
    std::uint64_t end = new_size;
    bool whole = true;  // the old tree is the whole of [begin, old_size) and its hash is known to the verifier
    while (old_size != end) {
        const std::uint64_t middle = begin + (std::uint64_t{1} << split_height(end - begin));
        if (old_size <= middle) {
            KMP_TRY(const Digest right, range_hash(source, middle, end));
            path.push_back(right);
            end = middle;
        } else {
            KMP_TRY(const Digest left, range_hash(source, begin, middle));
            path.push_back(left);
            begin = middle;
            whole = false;
        }
    }
    if (!whole) {
        KMP_TRY(const Digest rest, range_hash(source, begin, end));
        path.push_back(rest);
    }
    return Proof(path.rbegin(), path.rend());
}

base::Status verify_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size, std::span<const Digest> proof, const Digest& root) {
    if (index >= size) return does_not_hold("inclusion");
    std::uint64_t fn = index;
    std::uint64_t sn = size - 1;
    Digest r = leaf;
    for (const Digest& p : proof) {
        if (sn == 0) return does_not_hold("inclusion");
        if ((fn & 1) != 0 || fn == sn) {
            r = node_hash(p, r);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            r = node_hash(r, p);
        }
        fn >>= 1;
        sn >>= 1;
    }
    if (sn != 0 || r != root) return does_not_hold("inclusion");
    return {};
}

base::Status verify_consistency(std::uint64_t old_size, const Digest& old_root, std::uint64_t new_size, const Digest& new_root,
                                std::span<const Digest> proof) {
    if (old_size > new_size) return does_not_hold("consistency");
    if (old_size == 0) {
        if (!proof.empty() || old_root != empty_root()) return does_not_hold("consistency");
        return {};
    }
    if (old_size == new_size) {
        if (!proof.empty() || old_root != new_root) return does_not_hold("consistency");
        return {};
    }
    if (proof.empty()) return does_not_hold("consistency");
    std::uint64_t fn = old_size - 1;
    std::uint64_t sn = new_size - 1;
    while ((fn & 1) != 0) {
        fn >>= 1;
        sn >>= 1;
    }
    // A power of two as old size: its root begins the path, and the proof leaves it out.
    const bool given = !std::has_single_bit(old_size);
    Digest fr = given ? proof[0] : old_root;
    Digest sr = fr;
    for (const Digest& c : proof.subspan(given ? 1 : 0)) {
        if (sn == 0) return does_not_hold("consistency");
        if ((fn & 1) != 0 || fn == sn) {
            fr = node_hash(c, fr);
            sr = node_hash(c, sr);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            sr = node_hash(sr, c);
        }
        fn >>= 1;
        sn >>= 1;
    }
    if (sn != 0 || fr != old_root || sr != new_root) return does_not_hold("consistency");
    return {};
}

}  // namespace audit
