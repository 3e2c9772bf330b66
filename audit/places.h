#pragma once
#include <array>
#include <bitset>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/block.h"
#include "audit/merkle.h"

namespace audit {

/// Follows the records of an export through their places, grows the tree over them, and says which records are missing, moved, put in or changed, and
/// from where on it is another log. Memory does not grow with the log. It stands in for one log, which may come in several files.
class Places {
public:
    using Find = std::function<void(std::optional<std::uint64_t> index, std::string_view rule, std::string what)>;
    explicit Places(Find find) : find_(std::move(find)) {}

    /// Before the first record: where the log begins here.
    void start(std::uint64_t first, const Frontier& before);
    /// in: the index that a record says it has (nullopt: it is not well formed), and its leaf hash. out: it stands in its place.
    bool record(const std::optional<std::uint64_t>& says, const Digest& leaf);
    void block(const Block& block);
    /// No file holds the records from the next one up to `first`.
    void leave_out(std::uint64_t first);
    /// After the last record of a file, where the log has `end` records as its head says.
    void end_of_records(std::uint64_t end);
    /// What blocks said of the records since the last call, when it is known whether their root is the one that was signed.
    void judge(bool root_fits);

    /// Where the next record has its place.
    std::uint64_t next() const noexcept { return next_; }
    const Frontier& tree() const noexcept { return tree_; }
    /// Something was found that leaves the tree without meaning.
    bool broken() const noexcept { return broken_; }
    /// Of the tree over the first `size` records, as long as they are among the newest 65536.
    std::optional<Digest> root_at(std::uint64_t size) const;

private:
    struct Span {
        std::uint64_t from;
        std::uint64_t to;  ///< behind the last
    };
    enum class Odd : std::uint8_t { none, again, moved, another };
    void miss_block(std::uint64_t number);
    void put(std::uint64_t index, const Digest& leaf);
    void settle(const std::optional<std::uint64_t>& following);
    void jump(std::uint64_t index, const Digest& leaf);
    bool take_from_hole(std::uint64_t index);
    void run(Odd kind, std::uint64_t index);
    void tell_run();
    void tell_hole(const Span& hole);
    bool begins_elsewhere(const Block& block, const std::vector<Span>& changed);

    /// The records of one block.
    struct Group {
        std::uint64_t number = 0;
        Frontier edge;   ///< of the tree in front of it
        bool grown = false;  ///< the edge is known
        std::array<Digest, kBlockRecords> leaves;
        std::bitset<kBlockRecords> seen;
        bool blocked = true;  ///< a block came behind the last of them
    };
    Group* group(std::uint64_t number) const;
    static constexpr std::size_t kGroups = 256;  // that are remembered: their roots, what stood in them
    static constexpr std::size_t kMost = 64;     // spans that are remembered of a kind
    Find find_;
    std::uint64_t next_ = 0;
    Frontier tree_;
    bool broken_ = false;
    /// A record that says another index than its place has: what comes next tells whether it was changed or is another one.
    struct Pending {
        std::uint64_t says;
        Digest leaf;
    };
    std::optional<Pending> odd_;
    Odd run_kind_ = Odd::none;
    Span run_{};
    std::uint64_t run_behind_ = 0;
    std::vector<Span> holes_;
    std::vector<Span> changed_;   ///< as whole blocks have it
    std::vector<Span> doubtful_;  ///< as damaged blocks have it
    std::array<std::unique_ptr<Group>, kGroups> groups_;  ///< the newest, by number
};

}  // namespace audit
