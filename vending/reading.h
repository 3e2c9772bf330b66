#pragma once
#include <string>
#include <vector>

#include "vending/dialogue.h"

namespace vending {

/// A register that people read: its value in words, and as a document shows it.
struct Reading {
    std::string words;  ///< "balance 12.34 yuan"
    std::string value;  ///< "12.34"
};

/// The names that read_register takes.
std::vector<std::string_view> reading_names();

/// One plain read, in words. No session is needed, and nothing proves what the meter says.
/// errors: invalid_argument (there is no such name; those there are); malformed (the meter's field is none); those of Line
base::Result<Reading> read_register(Dialogue& meter, const std::string& name);

}  // namespace vending
