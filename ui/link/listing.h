#pragma once
#include <QElapsedTimer>
#include <QObject>
#include <QPointer>
#include <functional>
#include <memory>
#include <vector>

#include "ui/link/line.h"

namespace ui::link {

class Link;

/// One of the service's long lists, read in parts and shared by all who show it: it is kept, and read anew once it may have become another. Thread: the window's.
class Listing : public QObject {
    Q_OBJECT
public:
    /// It is asked for, unless what is kept is still so: nothing was done here, and the log has not grown. Never two at a time.
    void want();
    /// Reads it in any case, and calls `then` once it is all there, or why it is not; never when `owner` is gone by then.
    void read(QObject* owner, std::function<void(const base::Status&)> then);
    /// It was read at least once.
    bool is_known() const noexcept { return readings_ != 0; }
    /// How often it was read to its end: what is kept is another when this is.
    std::uint64_t readings() const noexcept { return readings_; }
    bool is_reading() const noexcept { return reading_; }

signals:
    void began();
    void part(const pb::AdminReply& reply);  ///< each piece of what is being read, the last one too
    void came();                             ///< it is all there
    void failed(const base::Error& why);

protected:
    Listing(Link& link, pb::AdminRequest request);
    virtual void clear() = 0;
    virtual void take(const pb::AdminReply& part) = 0;
    virtual void keep() = 0;

private:
    struct Waiting {
        QPointer<QObject> owner;
        std::function<void(const base::Status&)> then;
    };
    bool is_fresh() const;
    void begin();
    void end(const base::Status& how);

    Link& link_;
    pb::AdminRequest request_;
    std::vector<Waiting> next_;   ///< for those the reading under way may have begun too early
    std::vector<Waiting> now_;
    std::uint64_t readings_ = 0;
    std::uint64_t log_size_ = 0;  ///< when it was asked for
    QElapsedTimer asked_;
    bool reading_ = false;
    bool stale_ = true;           ///< something was done, or the service is another
    bool wanted_ = false;         ///< once more, when the reading under way is at its end
    bool trusted_ = false;        ///< what is kept was given as still so: the next status shows whether it is
};

template <class Item>
class ListOf : public Listing {
public:
    using Items = google::protobuf::RepeatedPtrField<Item>;
    ListOf(Link& link, pb::AdminRequest request, const Items& (*items_of)(const pb::AdminReply&)) : Listing(link, std::move(request)), items_of_(items_of) {}
    /// As of the last time it was read; empty before.
    const std::vector<Item>& all() const noexcept { return *all_; }
    /// The same, for whoever goes on showing it while it is read again: of a long list there is one.
    std::shared_ptr<const std::vector<Item>> shared() const noexcept { return all_; }

private:
    void clear() override { arriving_.clear(); }
    void take(const pb::AdminReply& part) override { arriving_.insert(arriving_.end(), items_of_(part).begin(), items_of_(part).end()); }
    void keep() override { all_ = std::make_shared<const std::vector<Item>>(std::exchange(arriving_, {})); }

    const Items& (*items_of_)(const pb::AdminReply&);
    std::shared_ptr<const std::vector<Item>> all_ = std::make_shared<const std::vector<Item>>();
    std::vector<Item> arriving_;
};

}  // namespace ui::link
