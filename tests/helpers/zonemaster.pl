# Zonemaster on zones of this machine: perl zonemaster.pl PORT ROOT MODULE,MODULE ZONE... prints a line of JSON for each message.
use strict;
use warnings;
use JSON::PP;
use Zonemaster::Engine;
use Zonemaster::LDNS;

my ( $port, $root, $modules, @zones ) = @ARGV;
{
    no warnings 'redefine';
    my $made = \&Zonemaster::LDNS::new;
    *Zonemaster::LDNS::new = sub { my $resolver = $made->( @_ ); $resolver->port( $port ); return $resolver };
}
my $profile = Zonemaster::Engine::Profile->effective;
$profile->set( 'net.ipv6', 0 );
$profile->set( 'resolver.defaults.retry', 1 );
$profile->set( 'resolver.defaults.retrans', 1 );
Zonemaster::Engine::Recursor->remove_fake_addresses( '.' );
Zonemaster::Engine::Recursor->add_fake_addresses( '.', { 'ns.root' => [$root] } );
for my $zone ( @zones ) {
    Zonemaster::Engine->logger->clear_history;
    for my $module ( split /,/, $modules ) {
        Zonemaster::Engine->test_module( $module, $zone );
    }
    for my $entry ( @{ Zonemaster::Engine->logger->entries } ) {
        next if $entry->numeric_level < 3;    # of WARNING
        print encode_json( { zone => $zone, level => $entry->level, tag => $entry->tag, says => "$entry" } ), "\n";
    }
}
