package parvi.interop;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.actor.Address;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;

/** What the cluster tells, as lines; and its present state. */
final class ClusterLines {
  private ClusterLines() {}

  /** Cluster events as they come. */
  public static final class Listener extends AbstractActor {
    @Override
    public Receive createReceive() {
      return receiveBuilder()
          .match(ClusterEvent.MemberEvent.class, event -> write(event, event.member()))
          .match(ClusterEvent.ReachabilityEvent.class, event -> write(event, event.member()))
          .match(
              ClusterEvent.LeaderChanged.class,
              event ->
                  Lines.write(
                      Lines.event("LeaderChanged")
                          .put("leader", event.leader().isEmpty() ? null : event.leader().get().toString())))
          .matchAny(other -> {})
          .build();
    }

    private static void write(Object event, Member member) {
      Lines.write(
          Lines.event(event.getClass().getSimpleName())
              .put("member", member.address().toString())
              .put("uid", Long.toString(member.uniqueAddress().longUid()))
              .put("status", member.status().toString()));
    }
  }

  static void state(ObjectNode line, Cluster cluster) {
    ClusterEvent.CurrentClusterState state = cluster.state();
    ArrayNode members = line.putArray("members");
    List<Member> known =
        StreamSupport.stream(state.getMembers().spliterator(), false)
            .sorted(Comparator.comparing((Member member) -> member.address().toString()))
            .toList();
    for (Member member : known) {
      ObjectNode one = members.addObject();
      one.put("address", member.address().toString());
      one.put("uid", Long.toString(member.uniqueAddress().longUid()));
      one.put("status", member.status().toString());
      one.put("appVersion", member.appVersion().version());
      ArrayNode roles = one.putArray("roles");
      new TreeSet<>(member.getRoles()).forEach(roles::add);
    }
    ArrayNode unreachable = line.putArray("unreachable");
    state.getUnreachable().stream().map(m -> m.address().toString()).sorted().forEach(unreachable::add);
    Address leader = state.getLeader();
    line.put("leader", leader == null ? null : leader.toString());
    line.put("oldest", oldest(known));
    ArrayNode seenBy = line.putArray("seenBy");
    state.getSeenBy().stream().map(Address::toString).sorted().forEach(seenBy::add);
  }

  private static String oldest(List<Member> members) {
    Member oldest = null;
    for (Member member : members) {
      if (member.status() == MemberStatus.joining() || member.status() == MemberStatus.weaklyUp()) continue;
      if (oldest == null || member.isOlderThan(oldest)) oldest = member;
    }
    return oldest == null ? null : oldest.address().toString();
  }
}
