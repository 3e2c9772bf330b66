#include "cli/table.h"

#include <algorithm>

namespace cli {

std::size_t columns(std::string_view text) {
    std::size_t out = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0) == 0x80) continue;
        out += byte >= 0xE3 ? 2 : 1;
    }
    return out;
}

std::string Table::text() const {
    std::vector<std::size_t> widths(rows_.front().size());
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i]));
    std::string out;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string room(widths[i] - std::min(widths[i], columns(row[i])), ' ');
            const bool last = i + 1 == row.size();
            if (numbers_.contains(i)) line += room + row[i] + (last ? "" : "  ");
            else line += row[i] + (last ? "" : room + "  ");
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

std::string grouped(std::uint64_t number) {
    std::string out = std::to_string(number);
    for (std::size_t at = out.size(); at > 3;) out.insert(at -= 3, 1, ',');
    return out;
}

std::string grouped_yuan(std::int64_t fen) {
    const std::uint64_t size = fen < 0 ? 0 - static_cast<std::uint64_t>(fen) : static_cast<std::uint64_t>(fen);
    const std::uint64_t part = size % 100;
    return (fen < 0 ? "-" : "") + grouped(size / 100) + (part < 10 ? ".0" : ".") + std::to_string(part);
}

}  // namespace cli
