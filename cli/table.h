#pragma once
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// How many columns of a terminal a text takes: CJK and full-width characters take two.
std::size_t columns(std::string_view text);

/// Columns as wide as their widest cell; the last one runs free. Widths count characters, not bytes; a wide (CJK) one counts two.
class Table {
public:
    /// `numbers`: columns that stand to the right.
    explicit Table(std::vector<std::string> head, std::set<std::size_t> numbers = {}) : rows_{std::move(head)}, numbers_(std::move(numbers)) {}
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    bool empty() const noexcept { return rows_.size() == 1; }
    std::string text() const;

private:
    std::vector<std::vector<std::string>> rows_;
    std::set<std::size_t> numbers_;
};

/// "1,204"
std::string grouped(std::uint64_t number);
/// "60,310.00", "-12.34": fen as yuan.
std::string grouped_yuan(std::int64_t fen);

}  // namespace cli
