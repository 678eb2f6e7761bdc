"""What readings add up to: pure functions over aggregates, shared with the cloud.

Each figure is defined in docs/analytics.md.
"""

from mirrord.analytics.aggregate import Aggregate, Bucket, Spread
from mirrord.analytics.course import Course
from mirrord.analytics.distribution import Distribution, distribution
from mirrord.analytics.heatmap import Cell, fineness, heatmap
from mirrord.analytics.insights import Insights, insights
from mirrord.analytics.sessions import SessionAnalytics, Whole, session_analytics
from mirrord.analytics.trajectory import Point, trajectory
from mirrord.analytics.trends import Resolution, Trend, trends
from mirrord.analytics.weeks import Weeks, weeks, weeks_parts, weeks_since
from mirrord.analytics.zones import Together

__all__ = [
    "Aggregate",
    "Bucket",
    "Cell",
    "Course",
    "Distribution",
    "Insights",
    "Point",
    "Resolution",
    "SessionAnalytics",
    "Spread",
    "Together",
    "Trend",
    "Weeks",
    "Whole",
    "distribution",
    "fineness",
    "heatmap",
    "insights",
    "session_analytics",
    "trajectory",
    "trends",
    "weeks",
    "weeks_parts",
    "weeks_since",
]
