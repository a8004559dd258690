"""The dashboard: Streamlit over the store and MLflow. Imports nothing above store, track and report."""
