#pragma once
#include <string>
#include <vector>

/// The arguments of the commands that kmpctl and kmp-audit share.
namespace audit {

/// What an export is verified against before anything is read out of it.
struct TrustArguments {
    std::string certificate;  ///< PEM file; empty: the anchor in the export
    std::string checkpoint;   ///< file with a signed note; empty: none is known
    bool unsound = false;     ///< go on with a log that is not sound
    std::vector<std::string> with;  ///< further files of the same log
};
struct ReconcileArguments {
    TrustArguments trust;
    std::vector<std::string> ledgers;
    std::vector<std::string> stations;
    std::string readings;
    std::string day;
    std::string from;
    std::string until;
    std::string differences;  ///< file that takes them as CSV
    bool totals = false;
    bool json = false;
};

}  // namespace audit
