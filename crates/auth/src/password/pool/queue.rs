//! A queue in which clients take turns.

use roster_domain::ClientNetwork;
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

/// Waiting items, in the order of their clients' turns.
pub(super) struct FairQueue<T> {
    /// The clients that take turns, each with its items.
    lanes: HashMap<ClientNetwork, VecDeque<T>>,
    /// Every lane with an item, once; the first is next.
    turns: VecDeque<ClientNetwork>,
    len: usize,
    limit: usize,
    lane_limit: usize,
}

impl<T> FairQueue<T> {
    pub(super) fn new(limit: usize, lane_limit: usize) -> Self {
        Self { lanes: HashMap::new(), turns: VecDeque::new(), len: 0, limit, lane_limit }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Whether this client may add another item.
    pub(super) fn has_room(&self, address: Option<IpAddr>) -> bool {
        let in_lane = self.lanes.get(&ClientNetwork::from(address)).map_or(0, VecDeque::len);
        self.len < self.limit && in_lane < self.lane_limit
    }

    /// Makes room in a full queue for a client with fewer items than another: removes the newest item of the longest
    /// lane, if that lane stays the longer one. So a few clients cannot shut out the rest.
    pub(super) fn make_room(&mut self, address: Option<IpAddr>) -> Option<T> {
        let in_lane = self.lanes.get(&ClientNetwork::from(address)).map_or(0, VecDeque::len);
        if self.len < self.limit || in_lane >= self.lane_limit {
            return None;
        }
        let longest = self.lanes.values_mut().max_by_key(|lane| lane.len())?;
        if longest.len() < in_lane + 2 {
            return None;
        }
        self.len -= 1;
        longest.pop_back()
    }

    pub(super) fn push(&mut self, address: Option<IpAddr>, item: T) {
        let name = ClientNetwork::from(address);
        let lane = self.lanes.entry(name).or_default();
        if lane.is_empty() {
            self.turns.push_back(name);
        }
        lane.push_back(item);
        self.len += 1;
    }

    /// Removes the next client's oldest item. That client's turn comes again after all others'.
    pub(super) fn pop(&mut self) -> Option<T> {
        let name = self.turns.pop_front()?;
        let lane = self.lanes.get_mut(&name)?;
        let item = lane.pop_front();
        if lane.is_empty() {
            self.lanes.remove(&name);
        } else {
            self.turns.push_back(name);
        }
        self.len -= usize::from(item.is_some());
        item
    }

    /// Removes the items that `keep` rejects, and returns them to be dropped by the caller.
    pub(super) fn remove_unless(&mut self, mut keep: impl FnMut(&T) -> bool) -> Vec<T> {
        let mut removed = Vec::new();
        for lane in self.lanes.values_mut() {
            let (kept, gone) = std::mem::take(lane).into_iter().partition::<VecDeque<_>, _>(&mut keep);
            *lane = kept;
            removed.extend(gone);
        }
        self.lanes.retain(|_, lane| !lane.is_empty());
        self.turns.retain(|name| self.lanes.contains_key(name));
        self.len -= removed.len();
        removed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> Option<IpAddr> {
        text.parse().ok()
    }

    fn drain(mut queue: FairQueue<u8>) -> Vec<u8> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn clients_take_turns() {
        let mut queue = FairQueue::new(100, 100);
        for item in [1, 2, 3] {
            queue.push(ip("192.0.2.1"), item);
        }
        queue.push(ip("192.0.2.2"), 4);
        queue.push(None, 5);
        queue.push(None, 6);
        assert_eq!(queue.len(), 6);
        assert_eq!(drain(queue), [1, 4, 5, 2, 6, 3]);
    }

    #[test]
    fn an_ipv6_network_is_one_client() {
        let mut queue = FairQueue::new(100, 2);
        queue.push(ip("2001:db8:1:2::1"), 1);
        queue.push(ip("2001:db8:1:2:ffff::9"), 2);
        assert!(!queue.has_room(ip("2001:db8:1:2:3:4:5:6")));
        assert!(queue.has_room(ip("2001:db8:1:3::1")));
    }

    #[test]
    fn a_mapped_ipv4_address_is_that_address() {
        let mut queue = FairQueue::new(100, 1);
        queue.push(ip("::ffff:192.0.2.1"), 1);
        assert!(!queue.has_room(ip("192.0.2.1")));
    }

    #[test]
    fn both_limits_hold() {
        let mut queue = FairQueue::new(3, 2);
        queue.push(None, 1);
        queue.push(None, 2);
        assert!(!queue.has_room(None));
        queue.push(ip("192.0.2.1"), 3);
        assert!(!queue.has_room(ip("192.0.2.2")));
        queue.pop();
        assert!(queue.has_room(ip("192.0.2.2")));
    }

    #[test]
    fn two_clients_that_fill_the_queue_do_not_shut_out_a_third() {
        let mut queue = FairQueue::new(6, 3);
        for item in [1, 2, 3] {
            queue.push(ip("192.0.2.1"), item);
            queue.push(ip("192.0.2.2"), item + 10);
        }
        assert_eq!(queue.make_room(ip("192.0.2.1")), None, "its own lane is full");
        assert!(matches!(queue.make_room(ip("192.0.2.3")), Some(3 | 13)), "the newest of a longest lane");
        assert!(queue.has_room(ip("192.0.2.3")));
        queue.push(ip("192.0.2.3"), 20);
        assert!(drain(queue).contains(&20));
    }

    #[test]
    fn no_item_is_displaced_for_a_client_with_as_many() {
        let mut queue = FairQueue::new(2, 2);
        queue.push(ip("192.0.2.1"), 1);
        queue.push(ip("192.0.2.2"), 2);
        assert_eq!(queue.make_room(ip("192.0.2.3")), None);
    }

    #[test]
    fn removed_items_leave_room_and_no_empty_turn() {
        let mut queue = FairQueue::new(4, 4);
        queue.push(ip("192.0.2.1"), 1);
        queue.push(ip("192.0.2.2"), 2);
        queue.push(ip("192.0.2.2"), 3);
        assert_eq!(queue.remove_unless(|item| *item == 3).len(), 2);
        assert_eq!(queue.len(), 1);
        queue.push(ip("192.0.2.1"), 4);
        assert_eq!(drain(queue), [3, 4]);
    }
}
