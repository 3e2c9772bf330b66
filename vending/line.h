#pragma once
#include "meter/dlt645/frame.h"
#include "vending/channel.h"

namespace vending {

namespace dlt645 = ::meter::dlt645;

struct LineSettings {
    Wait answer{2000};  ///< from the last byte sent to the first one back
    Wait quiet{500};    ///< a pause that ends a frame; DL/T 645-2007, 6.3
    unsigned tries = 3;
};

/// A half-duplex DL/T 645 line: one request, one answer. One thread at a time.
class Line {
public:
    explicit Line(std::unique_ptr<Channel> channel, LineSettings settings = {}) : channel_(std::move(channel)), settings_(settings) {}
    /// errors as open_channel
    static base::Result<Line> open(std::string_view name, LineSettings settings = {});

    /// Whether a request may be sent again when no answer came. A purchase may not: its meter may have heard it.
    enum class Repeat { yes, no };

    /// Sends a request and gives its meter's answer. An answer counts when it comes from the address asked (any, for a
    /// wildcard), has the request's function and, where requests carry one, its data identifier; everything else on the line
    /// (garbage, echoes, other meters, late answers to an earlier request) is passed over. After a request that
    /// was not answered the line must fall silent before the next one is sent.
    /// errors: timeout (no answer came, and what was asked may have happened); refused (the meter said no: the message says
    ///         why, `raw` is SERR for 03H and the error word otherwise); those of Channel
    base::Result<dlt645::Frame> ask(const dlt645::Frame& request, Repeat repeat);

    /// Since the last settle() a request was not answered in its time, so an answer to it may still come, and pass for the answer to a
    /// later request that looks alike. What such an answer says about money is to be checked with one that names its request (its R1).
    bool disturbed() const noexcept { return disturbed_; }
    /// Says that such a check has been made.
    void settle() noexcept { disturbed_ = false; }

private:
    base::Status send(const dlt645::Frame& request);
    base::Status clear();
    base::Result<dlt645::Frame> hear(const dlt645::Frame& request);

    std::unique_ptr<Channel> channel_;
    LineSettings settings_;
    bool unanswered_ = false;
    bool disturbed_ = false;
    std::size_t passed_over_ = 0;  ///< frames, since the request under way was first sent
};

}  // namespace vending
