#include "audit/merkle.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "base/bytes.h"
#include "base/fd.h"

namespace {

using audit::Digest;
using audit::Frontier;
using audit::Proof;

/// RFC 9162 2.1.1, as the definition reads: nothing of ours but SHA-256.
Digest defined_root(std::span<const base::Bytes> leaves) {
    if (leaves.empty()) return base::sha256(base::ByteView{});
    if (leaves.size() == 1) {
        base::Bytes in{0x00};
        in.insert(in.end(), leaves[0].begin(), leaves[0].end());
        return base::sha256(in);
    }
    std::size_t k = 1;
    while (k * 2 < leaves.size()) k *= 2;
    const Digest left = defined_root(leaves.first(k));
    const Digest right = defined_root(leaves.subspan(k));
    base::Bytes in{0x01};
    in.insert(in.end(), left.begin(), left.end());
    in.insert(in.end(), right.begin(), right.end());
    return base::sha256(in);
}

/// RFC 9162 2.1.3.1, PATH(m, D_n), recursively.
Proof defined_path(std::size_t m, std::span<const base::Bytes> d) {
    if (d.size() == 1) return {};
    std::size_t k = 1;
    while (k * 2 < d.size()) k *= 2;
    Proof path = m < k ? defined_path(m, d.first(k)) : defined_path(m - k, d.subspan(k));
    path.push_back(m < k ? defined_root(d.subspan(k)) : defined_root(d.first(k)));
    return path;
}

/// RFC 9162 2.1.4.1, SUBPROOF(m, D_n, b), recursively.
Proof defined_subproof(std::size_t m, std::span<const base::Bytes> d, bool b) {
    if (m == d.size()) return b ? Proof{} : Proof{defined_root(d)};
    std::size_t k = 1;
    while (k * 2 < d.size()) k *= 2;
    Proof proof = m <= k ? defined_subproof(m, d.first(k), b) : defined_subproof(m - k, d.subspan(k), false);
    proof.push_back(m <= k ? defined_root(d.subspan(k)) : defined_root(d.first(k)));
    return proof;
}

class Leaves final : public audit::HashSource {
public:
    explicit Leaves(std::vector<base::Bytes> leaves) : leaves_(std::move(leaves)) {}
    base::Result<Digest> node(unsigned height, std::uint64_t index) override {
        const std::size_t count = std::size_t{1} << height;
        const std::size_t begin = static_cast<std::size_t>(index) << height;
        if (begin + count > leaves_.size()) return {base::Code::not_found, "beyond the tree"};
        return defined_root(std::span(leaves_).subspan(begin, count));
    }
    std::span<const base::Bytes> first(std::size_t n) const { return std::span(leaves_).first(n); }

private:
    std::vector<base::Bytes> leaves_;
};

Leaves some_leaves(std::size_t count) {
    std::vector<base::Bytes> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(base::to_bytes(base::as_bytes("record " + std::to_string(i))));
    return Leaves(out);
}

constexpr std::size_t kMost = 70;  // leaves: every shape of tree up to seven levels

Digest bent(Digest hash, std::size_t bit) {
    hash[bit / 8 % 32] ^= static_cast<std::uint8_t>(1 << bit % 8);
    return hash;
}

/// The proof with each hash bent, left out, doubled, and put in its neighbour's place, and with each of `strangers` at either end.
std::vector<Proof> mutations(const Proof& proof, const Digest& one, const Digest& other) {
    std::vector<Proof> out;
    const auto copy = [&]() -> Proof& { return out.emplace_back(proof); };
    for (std::size_t i = 0; i < proof.size(); ++i) {
        const auto at = static_cast<std::ptrdiff_t>(i);
        copy()[i] = bent(proof[i], 37 * i);
        copy()[i] = bent(proof[i], 255);
        Proof& less = copy();
        less.erase(less.begin() + at);
        Proof& twice = copy();
        twice.insert(twice.begin() + at, proof[i]);
        if (i == 0) continue;
        Proof& moved = copy();
        std::swap(moved[i], moved[i - 1]);
    }
    for (const Digest& stranger : {one, other, Digest{}}) {
        Proof& before = copy();
        before.insert(before.begin(), stranger);
        copy().push_back(stranger);
    }
    return out;
}

// The eight leaves and the roots of their trees as the certificate-transparency project publishes them (merkletree tests).
const char* const kCtLeaves[] = {"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
const char* const kCtRoots[] = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

}  // namespace

TEST(merkle, roots_are_those_of_the_published_vectors) {
    Frontier tree;
    EXPECT_EQ(base::to_hex(tree.root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");  // SHA-256 of nothing, FIPS 180-4
    for (std::size_t i = 0; i < 8; ++i) {
        tree.append(audit::leaf_hash(*base::from_hex(kCtLeaves[i])));
        EXPECT_EQ(base::to_hex(tree.root()), kCtRoots[i]) << i + 1 << " leaves";
    }
}

TEST(merkle, frontier_gives_the_defined_root_at_every_size) {
    const Leaves leaves = some_leaves(70);
    Frontier tree;
    for (std::size_t n = 0; n < 70; ++n) {
        EXPECT_EQ(tree.root(), defined_root(leaves.first(n))) << n;
        EXPECT_EQ(tree.size(), n);
        tree.append(audit::leaf_hash(leaves.first(70)[n]));
    }
}

TEST(merkle, frontier_reports_every_inner_node_once) {
    Leaves leaves = some_leaves(32);
    Frontier tree;
    std::size_t nodes = 0;
    for (std::size_t i = 0; i < 32; ++i)
        tree.append(audit::leaf_hash(leaves.first(32)[i]), [&](unsigned height, const Digest& hash) {
            ++nodes;
            EXPECT_EQ(hash, *leaves.node(height, i >> height));
        });
    EXPECT_EQ(nodes, 31u);
}

TEST(merkle, copied_frontier_goes_back) {
    const Leaves leaves = some_leaves(20);
    Frontier tree;
    for (std::size_t i = 0; i < 11; ++i) tree.append(audit::leaf_hash(leaves.first(20)[i]));
    const Frontier before = tree;
    for (std::size_t i = 11; i < 20; ++i) tree.append(audit::leaf_hash(leaves.first(20)[i]));
    EXPECT_EQ(before.root(), defined_root(leaves.first(11)));
    EXPECT_EQ(tree.root(), defined_root(leaves.first(20)));
}

TEST(merkle, frontier_from_its_hashes_goes_on) {
    Leaves leaves = some_leaves(40);
    for (std::size_t n = 0; n < 40; ++n) {
        const auto edge = audit::frontier_at(leaves, n);
        ASSERT_TRUE(edge);
        auto again = Frontier::from(n, edge->hashes());
        ASSERT_TRUE(again);
        for (std::size_t i = n; i < 40; ++i) again->append(audit::leaf_hash(leaves.first(40)[i]));
        EXPECT_EQ(again->root(), defined_root(leaves.first(40)));
    }
    const std::vector<Digest> two(2);
    EXPECT_FALSE(Frontier::from(4, two)) << "four leaves have an edge of one hash";
    EXPECT_FALSE(Frontier::from(0, two));
}

TEST(merkle, every_inclusion_proof_is_the_defined_one_and_verifies) {
    Leaves leaves = some_leaves(kMost);
    for (std::size_t n = 1; n <= kMost; ++n) {
        const Digest root = defined_root(leaves.first(n));
        for (std::size_t m = 0; m < n; ++m) {
            const auto proof = audit::inclusion_proof(leaves, m, n);
            ASSERT_TRUE(proof);
            EXPECT_EQ(*proof, defined_path(m, leaves.first(n)));
            EXPECT_TRUE(audit::verify_inclusion(audit::leaf_hash(leaves.first(n)[m]), m, n, *proof, root));
        }
    }
}

TEST(merkle, inclusion_proof_does_not_hold_for_anything_else) {
    Leaves leaves = some_leaves(kMost);
    for (std::size_t n = 1; n <= kMost; ++n) {
        const Digest root = defined_root(leaves.first(n));
        for (std::size_t m = 0; m < n; ++m) {
            const Digest leaf = audit::leaf_hash(leaves.first(n)[m]);
            const Proof proof = defined_path(m, leaves.first(n));
            for (std::size_t other = 0; other <= n; ++other)
                if (other != m) {
                    EXPECT_FALSE(audit::verify_inclusion(leaf, other, n, proof, root)) << m << " as " << other << " of " << n;
                }
            EXPECT_FALSE(audit::verify_inclusion(bent(leaf, 255), m, n, proof, root));
            EXPECT_FALSE(audit::verify_inclusion(leaf, m, n, proof, bent(root, n)));
            for (const Proof& wrong : mutations(proof, root, leaf)) EXPECT_FALSE(audit::verify_inclusion(leaf, m, n, wrong, root)) << m << " of " << n;
        }
    }
    EXPECT_FALSE(audit::inclusion_proof(leaves, 5, 5));
    EXPECT_FALSE(audit::inclusion_proof(leaves, 0, 0));
}

TEST(merkle, every_consistency_proof_is_the_defined_one_and_verifies) {
    Leaves leaves = some_leaves(kMost);
    for (std::size_t n = 0; n <= kMost; ++n)
        for (std::size_t m = 0; m <= n; ++m) {
            const auto proof = audit::consistency_proof(leaves, m, n);
            ASSERT_TRUE(proof);
            if (m > 0) {
                EXPECT_EQ(*proof, defined_subproof(m, leaves.first(n), true)) << m << " to " << n;
            }
            EXPECT_TRUE(audit::verify_consistency(m, defined_root(leaves.first(m)), n, defined_root(leaves.first(n)), *proof)) << m << " to " << n;
        }
    EXPECT_FALSE(audit::consistency_proof(leaves, 4, 3));
}

TEST(merkle, consistency_proof_does_not_hold_for_anything_else) {
    Leaves leaves = some_leaves(kMost);
    std::vector<Digest> roots;
    for (std::size_t n = 0; n <= kMost; ++n) roots.push_back(defined_root(leaves.first(n)));
    for (std::size_t n = 1; n <= kMost; ++n)
        for (std::size_t m = 1; m <= n; ++m) {
            const Proof proof = defined_subproof(m, leaves.first(n), true);
            for (const Proof& wrong : mutations(proof, roots[n], roots[m])) EXPECT_FALSE(audit::verify_consistency(m, roots[m], n, roots[n], wrong)) << m << " to " << n;
            EXPECT_FALSE(audit::verify_consistency(m, bent(roots[m], n), n, roots[n], proof)) << m << " to " << n;
            EXPECT_FALSE(audit::verify_consistency(m, roots[m], n, bent(roots[n], m), proof)) << m << " to " << n;
            EXPECT_FALSE(audit::verify_consistency(n + 1, roots[m], n, roots[n], proof));
            if (m == n) continue;
            EXPECT_FALSE(audit::verify_consistency(n, roots[n], m, roots[m], proof)) << "turned round";
            EXPECT_FALSE(audit::verify_consistency(m, roots[n], n, roots[m], proof)) << "roots in each other's place";
            EXPECT_FALSE(audit::verify_consistency(m, roots[n], n, roots[n], proof));
            EXPECT_FALSE(audit::verify_consistency(m, roots[m - 1], n, roots[n], proof));
        }
}

TEST(merkle, says_of_the_published_proofs_what_their_publisher_says) {
    // What else they were made of stands in the file's own head.
    const auto file = base::read_file(KMP_SOURCE_DIR "/tests/data/merkle-proofs.json", 1 << 20);
    ASSERT_TRUE(file);
    const auto vectors = nlohmann::json::parse(base::as_text(*file));
    std::vector<std::optional<Digest>> hashes;
    for (const std::string text : vectors["hashes"]) {
        const auto bytes = *base::from_base64(text);
        auto& hash = hashes.emplace_back();
        if (bytes.size() != 32) continue;  // "don't care": there are no such hashes here
        hash.emplace();
        std::copy(bytes.begin(), bytes.end(), hash->begin());
    }
    std::size_t checked = 0;
    for (const char* kind : {"inclusion", "consistency"})
        for (const auto& v : vectors[kind]) {
            Proof proof;
            bool whole = hashes[v[3]] && hashes[v[4]];
            for (const std::size_t i : v[5]) {
                whole = whole && hashes[i];
                if (hashes[i]) proof.push_back(*hashes[i]);
            }
            if (!whole) continue;
            const bool inclusion = kind == std::string_view("inclusion");
            // A log of nothing goes on as anything: here that holds, with the root of nothing and no proof.
            if (!inclusion && v[1] == 0 && proof.empty() && *hashes[v[3]] == audit::empty_root()) continue;
            const auto done = inclusion ? audit::verify_inclusion(*hashes[v[3]], v[1], v[2], proof, *hashes[v[4]]) : audit::verify_consistency(v[1], *hashes[v[3]], v[2], *hashes[v[4]], proof);
            EXPECT_EQ(done.ok(), v[6].get<bool>()) << kind << ": " << v[0];
            ++checked;
        }
    EXPECT_GT(checked, 140u);
}

TEST(merkle, consistency_proof_does_not_hold_for_a_rewritten_past) {
    Leaves leaves = some_leaves(20);
    std::vector<base::Bytes> changed(leaves.first(20).begin(), leaves.first(20).end());
    changed[2][0] ^= 1;
    for (std::size_t m = 3; m < 20; ++m) {
        const Digest old_root = defined_root(leaves.first(m));
        Leaves rewritten(changed);
        const Digest new_root = defined_root(rewritten.first(20));
        EXPECT_FALSE(audit::verify_consistency(m, old_root, 20, new_root, *audit::consistency_proof(rewritten, m, 20))) << m;
        const Proof proof = *audit::consistency_proof(leaves, m, 20);
        const Digest root = defined_root(leaves.first(20));
        EXPECT_FALSE(audit::verify_consistency(m, root, 20, root, proof));
        EXPECT_FALSE(audit::verify_consistency(m + 1, old_root, 20, root, proof));
        EXPECT_FALSE(audit::verify_consistency(m, old_root, 20, root, {}));
        for (std::size_t i = 0; i < proof.size(); ++i) {
            Proof bent = proof;
            bent[i][0] ^= 1;
            EXPECT_FALSE(audit::verify_consistency(m, old_root, 20, root, bent));
        }
        Proof longer = proof;
        longer.push_back(root);
        EXPECT_FALSE(audit::verify_consistency(m, old_root, 20, root, longer));
    }
    EXPECT_FALSE(audit::verify_consistency(5, Digest{}, 4, Digest{}, {}));
    EXPECT_FALSE(audit::verify_consistency(0, Digest{}, 4, Digest{}, {})) << "the root of no leaves is fixed";
}
